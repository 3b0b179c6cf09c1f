#include "services/customer/storage/interaction_store.h"

#include "services/customer/storage/columns.h"

#define CRM_INTERACTION_COLUMNS                                                                                    \
  "id, kind, subject_kind, subject_id, opportunity_id, contact_ids, employee_ids, met_decision_maker, subject, outcome, next_step, " \
  "cost_minor, currency, owner_id, org_unit_id, version, occurred_time, create_time"

namespace crm::customer {
namespace {

constexpr db::Statement kInsert{"insert_interactions", R"(
INSERT INTO interaction (id, kind, subject_kind, subject_id, opportunity_id, contact_ids, employee_ids, met_decision_maker, subject,
                         outcome, next_step, cost_minor, currency, owner_id, org_unit_id, version, occurred_time,
                         create_time)
SELECT u.id, u.kind, u.subject_kind, u.subject_id, u.opportunity_id, string_to_array(u.contact_ids, chr(31))::uuid[],
       string_to_array(u.employee_ids, chr(31))::uuid[], u.met_decision_maker, u.subject, u.outcome, u.next_step,
       u.cost_minor, u.currency, u.owner_id, u.org_unit_id, u.version, u.occurred_time, $18
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[],
              $8::boolean[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[], $14::uuid[],
              $15::uuid[], $16::bigint[], $17::timestamptz[])
       AS u(id, kind, subject_kind, subject_id, opportunity_id, contact_ids, employee_ids, met_decision_maker, subject, outcome,
            next_step, cost_minor, currency, owner_id, org_unit_id, version, occurred_time)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kTimeline{"interaction_timeline",
                                  "SELECT " CRM_INTERACTION_COLUMNS R"(
  FROM interaction
 WHERE subject_id = ANY($1::uuid[]) AND (occurred_time, id) < ($2, $3::uuid)
 ORDER BY occurred_time DESC, id DESC LIMIT $4)"};

constexpr db::Statement kLeadsOfCustomer{"leads_of_customer", "SELECT id FROM lead WHERE customer_id = $1"};

std::string Packed(const std::vector<Uuid>& ids) {
  std::vector<std::string> words;
  for (const Uuid& id : ids) words.push_back(id.ToString());
  return customer::Packed(words);
}

Interaction ReadInteraction(db::Row row) {
  Interaction interaction;
  interaction.id = row.Next<Uuid>();
  interaction.kind = FromWord<InteractionKind>(row.Next<std::string>()).value();
  interaction.subject_kind = FromWord<SubjectKind>(row.Next<std::string>()).value();
  interaction.subject_id = row.Next<Uuid>();
  interaction.opportunity_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
  interaction.contact_ids = row.Next<std::vector<Uuid>>();
  interaction.employee_ids = row.Next<std::vector<Uuid>>();
  interaction.met_decision_maker = row.Next<bool>();
  interaction.subject = row.Next<std::string>();
  interaction.outcome = row.Next<std::string>();
  interaction.next_step = row.Next<std::string>();
  const auto cost_minor = row.Next<std::optional<std::int64_t>>();
  const auto currency = row.Next<std::optional<std::string>>();
  if (cost_minor && currency) interaction.cost = Money{*currency, *cost_minor};
  interaction.owner_id = row.Next<Uuid>();
  interaction.org_unit_id = row.Next<Uuid>();
  interaction.version = row.Next<std::int64_t>();
  interaction.occurred_time = row.Next<absl::Time>();
  interaction.create_time = row.Next<absl::Time>();
  return interaction;
}

}  // namespace

bool InteractionStore::Save(const work::Tracked<Interaction>& interactions) {
  const std::vector<const Interaction*> rows = interactions.Added();
  if (rows.empty()) return true;
  using I = Interaction;
  const auto column = [&rows](auto get) { return Column(rows, get); };
  const db::Rows written = tx_.Query(
      kInsert,
      {column([](const I& i) { return i.id; }), column([](const I& i) { return Word(i.kind); }),
       column([](const I& i) { return Word(i.subject_kind); }), column([](const I& i) { return i.subject_id; }),
       column([](const I& i) { return i.opportunity_id.nil() ? std::nullopt : std::optional(i.opportunity_id); }),
       column([](const I& i) { return Packed(i.contact_ids); }),
       column([](const I& i) { return Packed(i.employee_ids); }),
       column([](const I& i) { return i.met_decision_maker; }), column([](const I& i) { return i.subject; }),
       column([](const I& i) { return i.outcome; }), column([](const I& i) { return i.next_step; }),
       column([](const I& i) { return i.cost ? std::optional(i.cost->minor_units) : std::nullopt; }),
       column([](const I& i) { return i.cost ? std::optional(i.cost->currency) : std::nullopt; }),
       column([](const I& i) { return i.owner_id; }), column([](const I& i) { return i.org_unit_id; }),
       column([](const I& i) { return i.version; }), column([](const I& i) { return i.occurred_time; }), tx_.now()});
  return written.size() == static_cast<int>(rows.size());
}

std::vector<Interaction> InteractionStore::Timeline(SubjectKind kind, const Uuid& subject_id,
                                                    const TimelinePosition& after, int limit) {
  std::vector<Uuid> subjects = {subject_id};
  if (kind == SubjectKind::kCustomer)
    for (db::Row row : tx_.Query(kLeadsOfCustomer, {subject_id})) subjects.push_back(row.Next<Uuid>());

  std::vector<Interaction> interactions;
  for (db::Row row : tx_.Query(kTimeline, {subjects, after.occurred_time, after.id, limit}))
    interactions.push_back(ReadInteraction(row));
  return interactions;
}

}  // namespace crm::customer
