#include "services/customer/storage/assignment_store.h"

#include "services/customer/storage/columns.h"

namespace crm::customer {
namespace {

// One row per criterion; a rule without any has one row whose field is NULL.
#define CRM_RULE_COLUMNS                                                                                \
  "SELECT r.id, r.version, r.org_unit_id, o.path, r.name, r.position, r.enabled, r.phase, r.strategy, " \
  "r.employee_id, "                                                                                     \
  "r.team_org_unit_id, r.follow_up_seconds, r.grace_seconds, r.create_time, r.update_time, c.field, "   \
  "c.choices "                                                                                          \
  "FROM assignment_rule r JOIN org_unit o ON o.id = r.org_unit_id "                                     \
  "LEFT JOIN assignment_rule_criterion c ON c.rule_id = r.id "
#define CRM_RULE_ORDER " ORDER BY r.position, r.id, c.ordinal"

constexpr db::Statement kLoadAll{"load_assignment_rules", CRM_RULE_COLUMNS CRM_RULE_ORDER};
constexpr db::Statement kLoad{"load_assignment_rules_by_id",
                              CRM_RULE_COLUMNS "WHERE r.id = ANY($1::uuid[])" CRM_RULE_ORDER};
constexpr db::Statement kList{"list_assignment_rules", CRM_RULE_COLUMNS
                              R"(WHERE r.id IN (SELECT l.id FROM assignment_rule l
   WHERE (l.position, l.id) > ($1, $2) AND ($3::uuid IS NULL OR l.org_unit_id = $3)
     AND ($5::uuid IS NULL OR l.owner_id = $5)
   ORDER BY l.position, l.id LIMIT $4))" CRM_RULE_ORDER};
constexpr db::Statement kInsert{"insert_assignment_rules", R"(
INSERT INTO assignment_rule (id, version, org_unit_id, name, position, enabled, phase, strategy, employee_id,
                             team_org_unit_id, follow_up_seconds, grace_seconds, create_time, update_time)
SELECT u.id, u.version, u.org_unit_id, u.name, u.position, u.enabled, u.phase, u.strategy, u.employee_id,
       u.team_org_unit_id, u.follow_up_seconds, u.grace_seconds, $13, $13
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::int[], $6::boolean[], $7::text[], $8::text[],
              $9::uuid[], $10::uuid[], $11::bigint[], $12::bigint[])
       AS u(id, version, org_unit_id, name, position, enabled, phase, strategy, employee_id, team_org_unit_id,
            follow_up_seconds, grace_seconds)
ON CONFLICT DO NOTHING RETURNING id)"};
constexpr db::Statement kUpdate{"update_assignment_rules", R"(
UPDATE assignment_rule r
   SET version = u.version, org_unit_id = u.org_unit_id, name = u.name, position = u.position, enabled = u.enabled,
       phase = u.phase, strategy = u.strategy, employee_id = u.employee_id, team_org_unit_id = u.team_org_unit_id,
       follow_up_seconds = u.follow_up_seconds, grace_seconds = u.grace_seconds, update_time = $13
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::int[], $6::boolean[], $7::text[], $8::text[],
              $9::uuid[], $10::uuid[], $11::bigint[], $12::bigint[], $14::bigint[])
       AS u(id, version, org_unit_id, name, position, enabled, phase, strategy, employee_id, team_org_unit_id,
            follow_up_seconds, grace_seconds, loaded_version)
 WHERE r.id = u.id AND r.version = u.loaded_version RETURNING r.id)"};
constexpr db::Statement kDeleteCriteria{
    "delete_assignment_criteria", "DELETE FROM assignment_rule_criterion WHERE rule_id = ANY($1::uuid[])"};
constexpr db::Statement kInsertCriteria{"insert_assignment_criteria", R"(
INSERT INTO assignment_rule_criterion (rule_id, ordinal, field, choices)
SELECT u.rule_id, u.ordinal, u.field, string_to_array(u.choices, chr(31))
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) AS u(rule_id, ordinal, field, choices))"};
constexpr db::Statement kOrgPaths{"load_org_paths",
                                  "SELECT id, path FROM org_unit WHERE id = ANY($1::uuid[])"};

constexpr db::Statement kEnd{
    "end_lead_assignments",
    "UPDATE lead_assignment SET active = false, end_time = $2 WHERE lead_id = ANY($1::uuid[]) AND active"};
constexpr db::Statement kAppend{"append_lead_assignments", R"(
INSERT INTO lead_assignment (lead_id, id, active, phase, outcome, strategy, owner_id, rule_id, rule_version, rule_name,
                             reason, tie_break, candidates, more_candidates, decide_time, end_time)
SELECT u.lead_id, u.id, u.active, u.phase, u.outcome, u.strategy, u.owner_id, u.rule_id, u.rule_version, u.rule_name,
       u.reason, u.tie_break, string_to_array(u.candidates, chr(31)), u.more_candidates, $13::timestamptz,
       CASE WHEN u.outcome = 'ASSIGNED' AND NOT u.active THEN $13::timestamptz END
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::bigint[],
              $9::text[], $10::text[], $11::text[], $12::text[], $14::boolean[], $15::int[])
       AS u(lead_id, id, phase, outcome, strategy, owner_id, rule_id, rule_version, rule_name, reason, tie_break,
            candidates, active, more_candidates)
ON CONFLICT DO NOTHING RETURNING id)"};
constexpr db::Statement kLatest{"latest_lead_assignments", R"(
SELECT DISTINCT ON (a.lead_id) a.lead_id, a.id, a.phase, a.outcome, a.strategy, a.owner_id, a.rule_id, a.rule_version,
       a.rule_name, a.reason, a.tie_break, a.candidates, a.more_candidates, a.decide_time
  FROM lead_assignment a WHERE a.lead_id = ANY($1::uuid[]) ORDER BY a.lead_id, a.id DESC)"};
constexpr db::Statement kLatestGrounds{"latest_lead_decision_grounds", R"(
SELECT DISTINCT ON (a.lead_id) a.lead_id, a.phase, a.rule_id, a.rule_version
  FROM lead_assignment a WHERE a.lead_id = ANY($1::uuid[]) ORDER BY a.lead_id, a.id DESC)"};

constexpr std::size_t kCandidateParts = 6;

std::string PackedCandidates(const StoredDecision& stored) {
  std::vector<std::string> parts;
  parts.reserve(stored.decision.candidates.size() * kCandidateParts);
  for (const CandidateVerdict& candidate : stored.decision.candidates) {
    parts.push_back(candidate.employee_id.ToString());
    parts.push_back(candidate.name);
    parts.push_back(candidate.reason);
    parts.push_back(std::to_string(candidate.open_leads));
    parts.push_back(std::to_string(candidate.capacity));
    parts.push_back(candidate.last_assigned ? std::to_string(absl::ToUnixMicros(*candidate.last_assigned))
                                            : "");
  }
  return Packed(parts);
}

void ReadCandidates(const std::vector<std::string>& parts, Decision& decision) {
  for (std::size_t i = 0; i + kCandidateParts <= parts.size(); i += kCandidateParts) {
    CandidateVerdict& candidate = decision.candidates.emplace_back();
    candidate.employee_id = Uuid::Parse(parts[i]).value_or(Uuid());
    candidate.name = parts[i + 1];
    candidate.reason = parts[i + 2];
    candidate.open_leads = std::stoll(parts[i + 3]);
    candidate.capacity = std::stoll(parts[i + 4]);
    if (!parts[i + 5].empty()) candidate.last_assigned = absl::FromUnixMicros(std::stoll(parts[i + 5]));
  }
}

template <class... More>
db::Rows Write(db::Transaction& tx, const db::Statement& statement,
               const std::vector<const AssignmentRule*>& rows, const More&... more) {
  using R = AssignmentRule;
  return tx.Query(
      statement,
      {Column(rows, [](const R& r) { return r.id; }), Column(rows, [](const R& r) { return r.version; }),
       Column(rows, [](const R& r) { return r.org_unit_id; }),
       Column(rows, [](const R& r) { return r.name; }), Column(rows, [](const R& r) { return r.position; }),
       Column(rows, [](const R& r) { return r.enabled; }),
       Column(rows, [](const R& r) { return Word(r.phase); }),
       Column(rows, [](const R& r) { return Word(r.strategy); }),
       Column(rows, [](const R& r) { return NullIfNil(r.employee_id); }),
       Column(rows, [](const R& r) { return NullIfNil(r.team_org_unit_id); }),
       Column(rows, [](const R& r) { return absl::ToInt64Seconds(r.follow_up_within); }),
       Column(rows, [](const R& r) { return absl::ToInt64Seconds(r.reclaim_grace); }), tx.now(), more...});
}

}  // namespace

std::vector<AssignmentRule> AssignmentStore::ReadRules(const db::Rows& rows) {
  std::vector<AssignmentRule> rules;
  for (db::Row row : rows) {
    AssignmentRule rule;
    rule.id = row.Next<Uuid>();
    rule.version = row.Next<std::int64_t>();
    rule.org_unit_id = row.Next<Uuid>();
    rule.org_path = row.Next<std::string>();
    rule.name = row.Next<std::string>();
    rule.position = row.Next<int>();
    rule.enabled = row.Next<bool>();
    rule.phase = FromWord<AssignmentPhase>(row.Next<std::string>()).value();
    rule.strategy = FromWord<Strategy>(row.Next<std::string>()).value();
    rule.employee_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
    rule.team_org_unit_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
    rule.follow_up_within = absl::Seconds(row.Next<std::int64_t>());
    rule.reclaim_grace = absl::Seconds(row.Next<std::int64_t>());
    rule.create_time = row.Next<absl::Time>();
    rule.update_time = row.Next<absl::Time>();
    if (rules.empty() || rules.back().id != rule.id) rules.push_back(std::move(rule));
    if (auto field = row.Next<std::optional<std::string>>())
      rules.back().criteria.push_back({*std::move(field), row.Next<std::vector<std::string>>()});
  }
  return rules;
}

std::vector<AssignmentRule> AssignmentStore::LoadRules() { return ReadRules(tx_.Query(kLoadAll)); }

work::Tracked<AssignmentRule> AssignmentStore::LoadRules(const std::vector<Uuid>& ids) {
  work::Tracked<AssignmentRule> rules;
  if (ids.empty()) return rules;
  for (AssignmentRule& rule : ReadRules(tx_.Query(kLoad, {ids}))) rules.AddLoaded(std::move(rule));
  return rules;
}

std::vector<AssignmentRule> AssignmentStore::ListRules(const auth::Scope& scope,
                                                       const std::optional<Uuid>& org_unit_id,
                                                       int after_position, const Uuid& after_id, int limit) {
  return ReadRules(tx_.Query(kList, {after_position, after_id, org_unit_id, limit, scope.owner()}));
}

bool AssignmentStore::Save(const work::Tracked<AssignmentRule>& rules) {
  if (const auto rows = rules.Added(); !rows.empty()) {
    if (Write(tx_, kInsert, rows).size() != static_cast<int>(rows.size())) return false;
    ReplaceCriteria(rows);
  }
  const ChangedRows<AssignmentRule> changed(rules);
  if (changed.rows.empty()) return true;
  if (Write(tx_, kUpdate, changed.rows, changed.loaded_versions).size() !=
      static_cast<int>(changed.rows.size()))
    return false;
  ReplaceCriteria(changed.rows);
  return true;
}

void AssignmentStore::ReplaceCriteria(const std::vector<const AssignmentRule*>& rules) {
  tx_.Query(kDeleteCriteria, {Column(rules, [](const AssignmentRule& rule) { return rule.id; })});
  std::vector<Uuid> ids;
  std::vector<int> ordinals;
  std::vector<std::string> fields, choices;
  for (const AssignmentRule* rule : rules) {
    int ordinal = 0;
    for (const Criterion& criterion : rule->criteria) {
      ids.push_back(rule->id);
      ordinals.push_back(ordinal++);
      fields.push_back(criterion.field);
      choices.push_back(Packed(criterion.values));
    }
  }
  if (!ids.empty()) tx_.Query(kInsertCriteria, {ids, ordinals, fields, choices});
}

std::map<Uuid, std::string> AssignmentStore::LoadOrgPaths(const std::vector<Uuid>& org_unit_ids) {
  std::map<Uuid, std::string> paths;
  if (org_unit_ids.empty()) return paths;
  for (db::Row row : tx_.Query(kOrgPaths, {org_unit_ids})) {
    const Uuid id = row.Next<Uuid>();
    paths[id] = row.Next<std::string>();
  }
  return paths;
}

bool AssignmentStore::Append(const std::vector<StoredDecision>& decisions) {
  if (decisions.empty()) return true;
  std::vector<const StoredDecision*> rows;
  std::map<Uuid, Uuid> in_force;  // by lead
  for (const StoredDecision& stored : decisions) {
    rows.push_back(&stored);
    if (stored.decision.outcome == AssignmentOutcome::kAssigned) in_force[stored.lead_id] = stored.id;
  }
  std::vector<Uuid> given;
  for (const auto& [lead_id, id] : in_force) given.push_back(lead_id);
  End(given);
  const auto is_active = [&](const StoredDecision& stored) {
    const auto found = in_force.find(stored.lead_id);
    return found != in_force.end() && found->second == stored.id;
  };
  using S = StoredDecision;
  return tx_.Query(kAppend, {Column(rows, [](const S& s) { return s.lead_id; }),
                             Column(rows, [](const S& s) { return s.id; }),
                             Column(rows, [](const S& s) { return Word(s.decision.phase); }),
                             Column(rows, [](const S& s) { return Word(s.decision.outcome); }),
                             Column(rows, [](const S& s) { return s.strategy; }),
                             Column(rows, [](const S& s) { return NullIfNil(s.decision.chosen_id); }),
                             Column(rows, [](const S& s) { return NullIfNil(s.decision.rule_id); }),
                             Column(rows, [](const S& s) { return s.decision.rule_version; }),
                             Column(rows, [](const S& s) { return s.decision.rule_name; }),
                             Column(rows, [](const S& s) { return s.decision.reason; }),
                             Column(rows, [](const S& s) { return s.decision.tie_break; }),
                             Column(rows, PackedCandidates), tx_.now(), Column(rows, is_active),
                             Column(rows, [](const S& s) { return s.decision.more_candidates; })})
             .size() == static_cast<int>(rows.size());
}

void AssignmentStore::End(const std::vector<Uuid>& lead_ids) {
  if (!lead_ids.empty()) tx_.Query(kEnd, {lead_ids, tx_.now()});
}

std::vector<StoredDecision> AssignmentStore::Latest(const std::vector<Uuid>& lead_ids) {
  std::vector<StoredDecision> found;
  if (lead_ids.empty()) return found;
  for (db::Row row : tx_.Query(kLatest, {lead_ids})) {
    StoredDecision& stored = found.emplace_back();
    Decision& decision = stored.decision;
    stored.lead_id = row.Next<Uuid>();
    stored.id = row.Next<Uuid>();
    decision.phase = FromWord<AssignmentPhase>(row.Next<std::string>()).value();
    decision.outcome = FromWord<AssignmentOutcome>(row.Next<std::string>()).value();
    stored.strategy = row.Next<std::string>();
    decision.chosen_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
    decision.rule_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
    decision.rule_version = row.Next<std::int64_t>();
    decision.rule_name = row.Next<std::string>();
    decision.reason = row.Next<std::string>();
    decision.tie_break = row.Next<std::string>();
    ReadCandidates(row.Next<std::vector<std::string>>(), decision);
    decision.more_candidates = row.Next<int>();
    stored.decide_time = row.Next<absl::Time>();
  }
  return found;
}

std::map<Uuid, DecisionGrounds> AssignmentStore::LatestGrounds(const std::vector<Uuid>& lead_ids) {
  std::map<Uuid, DecisionGrounds> latest;
  if (lead_ids.empty()) return latest;
  for (db::Row row : tx_.Query(kLatestGrounds, {lead_ids})) {
    DecisionGrounds& grounds = latest[row.Next<Uuid>()];
    grounds.phase = FromWord<AssignmentPhase>(row.Next<std::string>()).value();
    grounds.rule_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
    grounds.rule_version = row.Next<std::int64_t>();
  }
  return latest;
}

}  // namespace crm::customer
