#include "services/analytics/storage/opportunity_fact_store.h"

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/db/columns.h"

namespace crm::analytics {
namespace {

using db::Column;

constexpr db::Statement kLoad{"load_opportunity_facts", R"(
SELECT id, owner_id, org_unit_id, process_id, stage_order, reached_order, status, source, currency, amount_minor,
       products, lead_id, close_reason, opened_time, entered_time, last_time, version
  FROM opportunity_fact WHERE id = ANY($1::uuid[]))"};

constexpr db::Statement kInsert{"insert_opportunity_facts", R"(
INSERT INTO opportunity_fact (id, owner_id, org_unit_id, process_id, stage_order, reached_order, status, source,
                              currency, amount_minor, products, lead_id, close_reason, opened_time, entered_time,
                              last_time, version, create_time, update_time)
SELECT u.id, u.owner_id, u.org_unit_id, u.process_id, u.stage_order, u.reached_order, u.status, u.source, u.currency,
       u.amount_minor, u.products, u.lead_id, u.close_reason, u.opened_time, u.entered_time, u.last_time, u.version,
       $18, $18
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::integer[], $7::text[], $8::text[],
              $9::text[], $10::bigint[], $11::text[], $12::uuid[], $13::text[], $14::timestamptz[],
              $15::timestamptz[], $16::timestamptz[], $17::bigint[])
       AS u(id, owner_id, org_unit_id, process_id, stage_order, reached_order, status, source, currency, amount_minor,
            products, lead_id, close_reason, opened_time, entered_time, last_time, version)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_opportunity_facts", R"(
UPDATE opportunity_fact f
   SET owner_id = u.owner_id, org_unit_id = u.org_unit_id, process_id = u.process_id, stage_order = u.stage_order,
       reached_order = u.reached_order, status = u.status, source = u.source, currency = u.currency,
       amount_minor = u.amount_minor, products = u.products, lead_id = u.lead_id, close_reason = u.close_reason,
       opened_time = u.opened_time, entered_time = u.entered_time, last_time = u.last_time, version = u.version,
       update_time = $18
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::integer[], $7::text[], $8::text[],
              $9::text[], $10::bigint[], $11::text[], $12::uuid[], $13::text[], $14::timestamptz[],
              $15::timestamptz[], $16::timestamptz[], $17::bigint[], $19::bigint[])
       AS u(id, owner_id, org_unit_id, process_id, stage_order, reached_order, status, source, currency, amount_minor,
            products, lead_id, close_reason, opened_time, entered_time, last_time, version, loaded_version)
 WHERE f.id = u.id AND f.version = u.loaded_version
RETURNING f.id)"};

constexpr db::Statement kAddStages{"add_stages", R"(
INSERT INTO stage (process_id, stage_order, key, name, probability_percent, maximum_days)
SELECT u.process_id, u.stage_order, u.key, u.name, u.probability_percent, u.maximum_days
  FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::integer[], $6::integer[])
       AS u(process_id, stage_order, key, name, probability_percent, maximum_days)
 ORDER BY u.process_id, u.stage_order
ON CONFLICT DO NOTHING)"};

constexpr char kSeparator = '\x1f';

struct Columns {
  std::vector<Uuid> id, owner, org_unit, process;
  std::vector<int> stage, reached;
  std::vector<std::string> status, source, currency, products, reason;
  std::vector<std::int64_t> amount, version;
  std::vector<std::optional<Uuid>> lead;
  std::vector<absl::Time> opened, entered, last;

  void Add(const OpportunityFact& fact) {
    id.push_back(fact.id);
    owner.push_back(fact.owner_id);
    org_unit.push_back(fact.org_unit_id);
    process.push_back(fact.process_id);
    stage.push_back(fact.stage_order);
    reached.push_back(fact.reached_order);
    status.push_back(fact.status);
    source.push_back(fact.source);
    currency.push_back(fact.currency);
    amount.push_back(fact.amount_minor);
    products.push_back(absl::StrJoin(fact.products, std::string(1, kSeparator)));
    lead.push_back(fact.lead_id);
    reason.push_back(fact.close_reason);
    opened.push_back(fact.opened_time);
    entered.push_back(fact.entered_time);
    last.push_back(fact.last_time);
    version.push_back(fact.version);
  }
};

}  // namespace

work::Tracked<OpportunityFact> OpportunityFactStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<OpportunityFact> facts;
  if (ids.empty()) return facts;
  for (db::Row row : tx_.Query(kLoad, {ids})) {
    OpportunityFact fact;
    fact.id = row.Next<Uuid>();
    fact.owner_id = row.Next<Uuid>();
    fact.org_unit_id = row.Next<Uuid>();
    fact.process_id = row.Next<Uuid>();
    fact.stage_order = row.Next<int>();
    fact.reached_order = row.Next<int>();
    fact.status = row.Next<std::string>();
    fact.source = row.Next<std::string>();
    fact.currency = row.Next<std::string>();
    fact.amount_minor = row.Next<std::int64_t>();
    const std::string products = row.Next<std::string>();
    if (!products.empty()) fact.products = absl::StrSplit(products, kSeparator);
    fact.lead_id = row.Next<std::optional<Uuid>>();
    fact.close_reason = row.Next<std::string>();
    fact.opened_time = row.Next<absl::Time>();
    fact.entered_time = row.Next<absl::Time>();
    fact.last_time = row.Next<absl::Time>();
    fact.version = row.Next<std::int64_t>();
    facts.AddLoaded(std::move(fact));
  }
  return facts;
}

bool OpportunityFactStore::Save(const work::Tracked<OpportunityFact>& facts) {
  const auto added = facts.Added();
  if (!added.empty()) {
    Columns c;
    for (const OpportunityFact* fact : added) c.Add(*fact);
    const db::Rows inserted = tx_.Query(
        kInsert, {c.id, c.owner, c.org_unit, c.process, c.stage, c.reached, c.status, c.source, c.currency,
                  c.amount, c.products, c.lead, c.reason, c.opened, c.entered, c.last, c.version, tx_.now()});
    if (inserted.size() != static_cast<int>(added.size())) return false;
  }
  const auto changed = facts.Changed();
  if (changed.empty()) return true;
  Columns c;
  for (const auto* entry : changed) c.Add(entry->value);
  const db::Rows updated = tx_.Query(
      kUpdate, {c.id, c.owner, c.org_unit, c.process, c.stage, c.reached, c.status, c.source, c.currency,
                c.amount, c.products, c.lead, c.reason, c.opened, c.entered, c.last, c.version, tx_.now(),
                Column(changed, [](const auto* entry) { return entry->loaded_version; })});
  return updated.size() == static_cast<int>(changed.size());
}

void OpportunityFactStore::AddStages(const std::vector<Stage>& stages) {
  if (stages.empty()) return;
  tx_.Query(kAddStages, {Column(stages, [](const Stage& s) { return s.process_id; }),
                         Column(stages, [](const Stage& s) { return s.order; }),
                         Column(stages, [](const Stage& s) { return s.key; }),
                         Column(stages, [](const Stage& s) { return s.name; }),
                         Column(stages, [](const Stage& s) { return s.probability_percent; }),
                         Column(stages, [](const Stage& s) { return s.maximum_days; })});
}

}  // namespace crm::analytics
