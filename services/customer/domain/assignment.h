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
  kPerson,       // one named person
  kRoundRobin,   // of a team, the least recently assigned
  kLeastLoaded,  // of a team, the largest remaining capacity
};

template <>
struct Words<Strategy> {
  static constexpr std::string_view kAll[] = {"PERSON", "ROUND_ROBIN", "LEAST_LOADED"};
};

// One condition on a field of the lead ("region", "attributes.budget"): it equals one of the values without
// regard to case; "*" = anything not empty.
struct Criterion {
  std::string field;
  std::vector<std::string> values;

  friend bool operator==(const Criterion&, const Criterion&) = default;
};

struct AssignmentRule {
  static constexpr std::string_view kAggregateType = "assignment_rule";
  Uuid id;
  std::int64_t version = 0;
  Uuid owner_id;         // nobody
  Uuid org_unit_id;      // whose list it is in; the units below inherit it
  std::string org_path;  // of that unit; as loaded, not stored
  std::string name;
  int position = 0;
  bool enabled = true;
  AssignmentPhase phase = AssignmentPhase::kUnjudged;
  std::vector<Criterion> criteria;  // all must hold; none = every lead
  Strategy strategy = Strategy::kRoundRobin;
  Uuid employee_id;                 // of kPerson
  Uuid team_org_unit_id;            // of the others: this unit and all below it
  absl::Duration follow_up_within;  // business time to plan the follow-up; 0 = no deadline
  absl::Duration reclaim_grace;     // business time behind the deadline until it is taken back; 0 = it stays
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
  EmployeeState state = EmployeeState::kActive;
  std::int64_t capacity = 0, open_leads = 0;
  std::int64_t turn = 0;  // of the last assignment; grows with each; 0 = never
  std::optional<absl::Time> last_assigned;

  std::int64_t loaded_open_leads = 0, loaded_turn = 0;  // as they were read
};

// Everybody who may matter, with the counts as this batch has changed them. Not thread safe.
class Roster {
 public:
  void Add(Seat seat);
  Seat* Find(const Uuid& employee_id);
  const Seat* Find(const Uuid& employee_id) const;
  absl::Span<const Seat> seats() const { return seats_; }

  // One more place taken, one given back. Take also gives the next turn.
  void Take(const Uuid& employee_id, absl::Time now);
  void Release(const Uuid& employee_id);

 private:
  std::vector<Seat> seats_;
  absl::flat_hash_map<Uuid, std::size_t> index_;
  std::int64_t last_turn_ = 0;
};

enum class AssignmentOutcome { kAssigned, kKept, kWaiting };

template <>
struct Words<AssignmentOutcome> {
  static constexpr std::string_view kAll[] = {"ASSIGNED", "KEPT", "WAITING"};
};

// How one candidate fared. Reasons: TERMINATED, ON_LEAVE, AT_CAPACITY, COOLING_DOWN, LATER_IN_ORDER; empty
// for the one chosen.
struct CandidateVerdict {
  Uuid employee_id;
  std::string name;
  std::string reason;
  std::int64_t open_leads = 0, capacity = 0;  // as they stood
  std::optional<absl::Time> last_assigned;
};

// Stored as it is, readable afterwards.
struct Decision : DecisionGrounds {
  AssignmentOutcome outcome = AssignmentOutcome::kWaiting;
  std::string rule_name;
  Uuid chosen_id;                            // nil unless kAssigned or kKept
  std::vector<CandidateVerdict> candidates;  // in the order of preference, those passed over last
  int more_candidates = 0;                   // not kept, behind these
  std::string reason;  // why it waits: NO_RULE, NO_CANDIDATE, ALL_AT_CAPACITY, ALL_ABSENT, NOBODY_ELIGIBLE;
                       // of what was given by hand: why, in somebody's words
  std::string tie_break;                 // how one was chosen among the eligible
  const AssignmentRule* rule = nullptr;  // into `rules`; null: none matched
};

// The rule that decides on `lead`; null: none. `lead_org_path` is the path of the lead's unit: rules of its
// own list come before those it inherits; within one list position decides, then age.
const AssignmentRule* MatchingRule(const Lead& lead, std::string_view lead_org_path,
                                   absl::Span<const AssignmentRule> rules);

// The same input gives the same answer.
Decision Assign(const Lead& lead, std::string_view lead_org_path, absl::Span<const AssignmentRule> rules,
                const Roster& roster, absl::Time now);

// Who can do something about a lead that waits, at most twenty active people: those who manage somebody that
// was passed over; or else who manage somebody in the lead's unit, or in the nearest above it; or else who
// sit at headquarters; or else who manage anybody.
std::vector<Uuid> WhomToAlert(const Decision& decision, std::string_view lead_org_path, const Roster& roster);

}  // namespace crm::customer
