#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/customer/domain/directory.h"
#include "services/customer/domain/lead.h"

// Who gets a lead: ordered rules, first match wins. Pure: no I/O, no clock.
namespace crm::customer {

enum class Strategy {
  kRoundRobin,   // the least recently assigned
  kLeastLoaded,  // the largest remaining capacity
};
enum class TargetKind { kPerson, kTeam, kPool };

template <>
struct Words<Strategy> {
  static constexpr std::string_view kAll[] = {"ROUND_ROBIN", "LEAST_LOADED"};
};
template <>
struct Words<TargetKind> {
  static constexpr std::string_view kAll[] = {"PERSON", "TEAM", "POOL"};
};

// One condition on a field of the lead ("region", "attributes.budget"); values compare without case, and ""
// stands for blank.
struct Criterion {
  std::string field;
  std::vector<std::string> values;
  bool negated = false;  // none of the values

  friend bool operator==(const Criterion&, const Criterion&) = default;
};

struct AssignmentRule {
  static constexpr std::string_view kAggregateType = "assignment_rule";
  Uuid id;
  std::int64_t version = 0;
  std::string name;
  AssignmentPhase phase = AssignmentPhase::kUnjudged;
  int position = 0;  // rules are tried in this order, then by id
  bool enabled = true;
  std::vector<Criterion> criteria;  // all must hold; none = every lead
  TargetKind target = TargetKind::kTeam;
  Uuid target_id;             // the employee, or the org unit whose whole subtree is the team or has the pool
  std::string role;           // of a team: only those who hold it; empty = all
  Strategy strategy = Strategy::kRoundRobin;
  bool keep_owner = true;     // the present owner keeps the lead when he is a candidate and eligible
  absl::Duration follow_up_within;  // business time to plan the follow-up; 0 = no deadline
  absl::Duration follow_up_grace;   // business time behind the deadline until it is reclaimed
  Uuid org_unit_id;
  absl::Time create_time, update_time;
};

struct AssignmentRuleChanged {
  AssignmentRule rule;
};

// Whether `field` names something a criterion can look at.
bool IsLeadField(std::string_view field);
bool Matches(const AssignmentRule& rule, const LeadDetails& details);

// An employee as the assignment sees him.
struct Seat {
  Uuid employee_id, org_unit_id, manager_id;
  std::string name, org_path, time_zone;
  std::vector<std::string> roles;
  EmployeeState state = EmployeeState::kActive;
  std::int64_t capacity = 0, open_leads = 0;
  std::int64_t turn = 0;  // of the last assignment; grows with each; 0 = never

  std::int64_t loaded_open_leads = 0, loaded_turn = 0;  // as they were read
};

// Everybody, with the counts as this batch has changed them. Not thread safe.
class Roster {
 public:
  void Add(Seat seat);
  Seat* Find(const Uuid& employee_id);
  const Seat* Find(const Uuid& employee_id) const;
  absl::Span<const Seat> seats() const { return seats_; }

  // One more place taken, one given back. Take also gives the next turn.
  void Take(const Uuid& employee_id);
  void Release(const Uuid& employee_id);

 private:
  std::vector<Seat> seats_;
  absl::flat_hash_map<Uuid, std::size_t> index_;
  std::int64_t last_turn_ = 0;
};

enum class AssignmentOutcome { kAssigned, kKept, kWaiting, kPooled };

template <>
struct Words<AssignmentOutcome> {
  static constexpr std::string_view kAll[] = {"ASSIGNED", "KEPT", "WAITING", "POOLED"};
};

// How one candidate fared: an empty reason = eligible. Reasons: TERMINATED, ON_LEAVE, AT_CAPACITY, COOLING_DOWN.
struct CandidateVerdict {
  Uuid employee_id;
  std::string_view reason;
  std::int64_t open_leads = 0, capacity = 0, turn = 0;  // as they stood
};

// Stored as it is, readable afterwards.
struct Decision {
  AssignmentPhase phase = AssignmentPhase::kUnjudged;
  AssignmentOutcome outcome = AssignmentOutcome::kWaiting;
  Uuid rule_id;  // nil: no rule matched
  std::int64_t rule_version = 0;
  std::string rule_name;
  Uuid chosen_id;  // nil unless kAssigned or kKept
  std::vector<CandidateVerdict> candidates;
  // Why it waits or went to the pool: NO_RULE, NO_CANDIDATE, ALL_AT_CAPACITY, ALL_ABSENT, NOBODY_ELIGIBLE, RULE_POOL.
  std::string reason;
  std::string tie_break;  // how one was chosen among the eligible
  const AssignmentRule* rule = nullptr;  // into `rules`; null: none matched
};

// `rules` are in their order; only enabled ones of the lead's phase count. The same input gives the same answer.
Decision Assign(const Lead& lead, absl::Span<const AssignmentRule> rules, const Roster& roster, absl::Time now);

}  // namespace crm::customer
