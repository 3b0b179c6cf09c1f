#include "services/customer/storage/timeline_store.h"

#include "services/customer/storage/columns.h"

#define CRM_INTERACTION_COLUMNS                                                                       \
  "id, version, owner_id, org_unit_id, kind, subject_kind, subject_id, opportunity_id, contact_ids, " \
  "employee_ids, "                                                                                    \
  "met_decision_maker, subject, body, outcome, next_step, cost_minor, currency, occurred_time, create_time"

#define CRM_MOVE_COLUMNS \
  "customer_id, id, from_lifecycle, to_lifecycle, cause, reason, cause_id, won_back, actor_id, move_time"

namespace crm::customer {
namespace {

constexpr db::Statement kInsert{"insert_interactions", R"(
INSERT INTO interaction (id, version, owner_id, org_unit_id, kind, subject_kind, subject_id, opportunity_id,
                         contact_ids, employee_ids, met_decision_maker, subject, body, outcome, next_step, cost_minor,
                         currency, occurred_time, create_time)
SELECT u.id, u.version, u.owner_id, u.org_unit_id, u.kind, u.subject_kind, u.subject_id, u.opportunity_id,
       string_to_array(u.contact_ids, chr(31))::uuid[], string_to_array(u.employee_ids, chr(31))::uuid[],
       u.met_decision_maker, u.subject, u.body, u.outcome, u.next_step, u.cost_minor, u.currency, u.occurred_time, $19
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::uuid[],
              $9::text[], $10::text[], $11::boolean[], $12::text[], $13::text[], $14::text[], $15::text[],
              $16::bigint[], $17::text[], $18::timestamptz[])
       AS u(id, version, owner_id, org_unit_id, kind, subject_kind, subject_id, opportunity_id, contact_ids,
            employee_ids, met_decision_maker, subject, body, outcome, next_step, cost_minor, currency, occurred_time)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kLeadsOfCustomer{"leads_of_customer", "SELECT id FROM lead WHERE customer_id = $1"};

constexpr db::Statement kInteractions{"customer_interactions", "SELECT " CRM_INTERACTION_COLUMNS R"(
  FROM interaction
 WHERE subject_id = ANY($1::uuid[]) AND (occurred_time, id) < ($2::timestamptz, $3::uuid)
 ORDER BY occurred_time DESC, id DESC LIMIT $4)"};

constexpr db::Statement kLatestMoves{"latest_customer_lifecycle_moves", "SELECT " CRM_MOVE_COLUMNS R"(
  FROM customer_lifecycle_move
 WHERE customer_id = $1 AND (move_time, id) < ($2::timestamptz, $3::uuid)
 ORDER BY move_time DESC, id DESC LIMIT $4)"};

constexpr db::Statement kMoves{
    "customer_lifecycle_moves",
    "SELECT " CRM_MOVE_COLUMNS
    " FROM customer_lifecycle_move WHERE customer_id = $1 AND id > $2 ORDER BY id LIMIT $3"};

std::string PackedIds(const std::vector<Uuid>& ids) {
  std::vector<std::string> words;
  for (const Uuid& id : ids) words.push_back(id.ToString());
  return Packed(words);
}

Interaction ReadInteraction(db::Row row) {
  Interaction interaction;
  interaction.id = row.Next<Uuid>();
  interaction.version = row.Next<std::int64_t>();
  interaction.owner_id = row.Next<Uuid>();
  interaction.org_unit_id = row.Next<Uuid>();
  interaction.kind = FromWord<InteractionKind>(row.Next<std::string>()).value();
  interaction.subject_kind = FromWord<SubjectKind>(row.Next<std::string>()).value();
  interaction.subject_id = row.Next<Uuid>();
  interaction.opportunity_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
  interaction.contact_ids = row.Next<std::vector<Uuid>>();
  interaction.employee_ids = row.Next<std::vector<Uuid>>();
  interaction.met_decision_maker = row.Next<bool>();
  interaction.subject = row.Next<std::string>();
  interaction.body = row.Next<std::string>();
  interaction.outcome = row.Next<std::string>();
  interaction.next_step = row.Next<std::string>();
  const auto cost_minor = row.Next<std::optional<std::int64_t>>();
  const auto currency = row.Next<std::optional<std::string>>();
  if (cost_minor && currency) interaction.cost = Money{*currency, *cost_minor};
  interaction.occurred_time = row.Next<absl::Time>();
  interaction.create_time = row.Next<absl::Time>();
  return interaction;
}

std::vector<LifecycleMove> ReadMoves(const db::Rows& rows) {
  std::vector<LifecycleMove> moves;
  for (db::Row row : rows) {
    LifecycleMove& move = moves.emplace_back();
    move.customer_id = row.Next<Uuid>();
    move.id = row.Next<Uuid>();
    if (const auto from = row.Next<std::optional<std::string>>()) move.from = FromWord<Lifecycle>(*from);
    move.to = FromWord<Lifecycle>(row.Next<std::string>()).value();
    move.cause = FromWord<LifecycleCause>(row.Next<std::string>()).value();
    move.reason = row.Next<std::string>();
    move.cause_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
    move.won_back = row.Next<bool>();
    move.actor_id = row.Next<Uuid>();
    move.time = row.Next<absl::Time>();
  }
  return moves;
}

}  // namespace

bool TimelineStore::Save(const work::Tracked<Interaction>& interactions) {
  const std::vector<const Interaction*> rows = interactions.Added();
  if (rows.empty()) return true;
  using I = Interaction;
  const auto column = [&rows](auto get) { return Column(rows, get); };
  const db::Rows written = tx_.Query(
      kInsert,
      {column([](const I& i) { return i.id; }), column([](const I& i) { return i.version; }),
       column([](const I& i) { return i.owner_id; }), column([](const I& i) { return i.org_unit_id; }),
       column([](const I& i) { return Word(i.kind); }),
       column([](const I& i) { return Word(i.subject_kind); }),
       column([](const I& i) { return i.subject_id; }),
       column([](const I& i) { return NullIfNil(i.opportunity_id); }),
       column([](const I& i) { return PackedIds(i.contact_ids); }),
       column([](const I& i) { return PackedIds(i.employee_ids); }),
       column([](const I& i) { return i.met_decision_maker; }), column([](const I& i) { return i.subject; }),
       column([](const I& i) { return i.body; }), column([](const I& i) { return i.outcome; }),
       column([](const I& i) { return i.next_step; }),
       column([](const I& i) { return i.cost ? std::optional(i.cost->minor_units) : std::nullopt; }),
       column([](const I& i) { return i.cost ? std::optional(i.cost->currency) : std::nullopt; }),
       column([](const I& i) { return i.occurred_time; }), tx_.now()});
  return written.size() == static_cast<int>(rows.size());
}

std::vector<Interaction> TimelineStore::Interactions(const Uuid& customer_id, const TimelinePosition& after,
                                                     int limit) {
  std::vector<Uuid> subjects = {customer_id};
  for (db::Row row : tx_.Query(kLeadsOfCustomer, {customer_id})) subjects.push_back(row.Next<Uuid>());

  std::vector<Interaction> interactions;
  for (db::Row row : tx_.Query(kInteractions, {subjects, after.time, after.id, limit}))
    interactions.push_back(ReadInteraction(row));
  return interactions;
}

std::vector<LifecycleMove> TimelineStore::LatestMoves(const Uuid& customer_id, const TimelinePosition& after,
                                                      int limit) {
  return ReadMoves(tx_.Query(kLatestMoves, {customer_id, after.time, after.id, limit}));
}

std::vector<LifecycleMove> TimelineStore::Moves(const Uuid& customer_id, const Uuid& after, int limit) {
  return ReadMoves(tx_.Query(kMoves, {customer_id, after, limit}));
}

}  // namespace crm::customer
