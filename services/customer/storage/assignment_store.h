#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/customer/domain/assignment.h"

namespace crm::customer {

// A decision as it is kept.
struct StoredDecision {
  Uuid lead_id, id;
  std::string strategy;  // PERSON, ROUND_ROBIN, LEAST_LOADED, MANUAL; empty: no rule matched
  Decision decision;     // its `rule` is null when read
  absl::Time decide_time;
};

// Assignment rules and decisions. Not thread safe.
class AssignmentStore {
 public:
  explicit AssignmentStore(db::Transaction& tx) : tx_(tx) {}

  // Every rule with the path of its unit. One statement.
  std::vector<AssignmentRule> LoadRules();
  work::Tracked<AssignmentRule> LoadRules(const std::vector<Uuid>& ids);
  // By position, then id; of one unit's own list, or all.
  std::vector<AssignmentRule> ListRules(const auth::Scope& scope, const std::optional<Uuid>& org_unit_id,
                                        int after_position, const Uuid& after_id, int limit);
  bool Save(const work::Tracked<AssignmentRule>& rules);

  // Path of each unit that exists.
  std::map<Uuid, std::string> LoadOrgPaths(const std::vector<Uuid>& org_unit_ids);

  // Keeps decisions in their order, two statements; of a lead only the last assignment is in force. False
  // when a lead has got another active one meanwhile.
  bool Append(const std::vector<StoredDecision>& decisions);

  // Ends the active assignments of these leads.
  void End(const std::vector<Uuid>& lead_ids);

  // The latest of each lead that has one, and on what it stands.
  std::vector<StoredDecision> Latest(const std::vector<Uuid>& lead_ids);
  std::map<Uuid, DecisionGrounds> LatestGrounds(const std::vector<Uuid>& lead_ids);

 private:
  std::vector<AssignmentRule> ReadRules(const db::Rows& rows);
  void ReplaceCriteria(const std::vector<const AssignmentRule*>& rules);

  db::Transaction& tx_;
};

}  // namespace crm::customer
