#include "services/customer/storage/lead_finder.h"

#include "services/customer/storage/lead_rows.h"

namespace crm::customer {
namespace {

#define CRM_LIST_LEADS                                                                  \
  "SELECT " CRM_LEAD_COLUMNS                                                            \
  " FROM lead l WHERE l.id < $1 AND ($2::text IS NULL OR l.state = $2)"                 \
  " AND ($3::uuid IS NULL OR l.import_id = $3) AND ($4::text IS NULL OR l.source = $4)" \
  " AND ($5::boolean IS NULL OR (l.waiting_since IS NOT NULL) = $5)"                    \
  " AND ($6::uuid IS NULL OR l.org_unit_id = $6) AND ($7::text IS NULL OR l.external_id = $7)"
constexpr db::Statement kList{"list_leads", CRM_LIST_LEADS " ORDER BY l.id DESC LIMIT $8"};
constexpr db::Statement kListOfOwner{"list_leads_of_owner",
                                     CRM_LIST_LEADS " AND l.owner_id = $9 ORDER BY l.id DESC LIMIT $8"};

constexpr db::Statement kNamed{"named_leads", "SELECT " CRM_LEAD_COLUMNS R"(
  FROM lead l
 WHERE (l.id = ANY($1::uuid[]) OR (l.external_id = ANY($2::text[]) AND l.external_id <> ''))
   AND ($3::uuid IS NULL OR l.owner_id = $3))"};

constexpr db::Statement kListWaiting{"list_waiting_leads", R"(
SELECT waiting_since, id FROM lead
 WHERE waiting_since IS NOT NULL AND (waiting_since, id) > ($1, $2) ORDER BY waiting_since, id LIMIT $3)"};

constexpr db::Statement kIsUnderWay{
    "find_lead_job", "SELECT 1 FROM job WHERE dedupe_key = $1 AND state IN ('PENDING', 'LEASED')"};

}  // namespace

std::vector<Lead> LeadFinder::List(const auth::Scope& scope, const LeadFilter& filter, const Uuid& before,
                                   int limit) {
  std::vector<Lead> leads;
  const auto owner = scope.owner() ? scope.owner() : filter.owner_id;
  if (scope.owner() && filter.owner_id && *scope.owner() != *filter.owner_id) return leads;
  const auto state = filter.state ? std::optional(Word(*filter.state)) : std::nullopt;
  const Uuid from = before.nil() ? Uuid(~0ull, ~0ull) : before;
  const db::Rows rows =
      owner ? tx_.Query(kListOfOwner, {from, state, filter.import_id, filter.source, filter.waiting,
                                       filter.org_unit_id, filter.external_id, limit, *owner})
            : tx_.Query(kList, {from, state, filter.import_id, filter.source, filter.waiting,
                                filter.org_unit_id, filter.external_id, limit});
  for (db::Row row : rows) leads.push_back(ReadLead(row));
  return leads;
}

std::vector<Lead> LeadFinder::Named(const auth::Scope& scope, const std::vector<Uuid>& ids,
                                    const std::vector<std::string>& external_ids) {
  std::vector<Lead> leads;
  for (db::Row row : tx_.Query(kNamed, {ids, external_ids, scope.owner()})) leads.push_back(ReadLead(row));
  return leads;
}

std::vector<LeadFinder::WaitingPosition> LeadFinder::LongestWaiting(const WaitingPosition& after, int limit) {
  std::vector<WaitingPosition> waiting;
  for (db::Row row : tx_.Query(kListWaiting, {after.since, after.id, limit})) {
    const absl::Time since = row.Next<absl::Time>();
    waiting.push_back({since, row.Next<Uuid>()});
  }
  return waiting;
}

bool LeadFinder::IsUnderWay(const std::string& job_key) { return !tx_.Query(kIsUnderWay, {job_key}).empty(); }

}  // namespace crm::customer
