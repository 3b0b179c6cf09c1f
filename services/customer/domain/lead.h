#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/customer/domain/follow_up.h"
#include "services/customer/domain/lead_events.h"
#include "services/customer/domain/lead_types.h"
#include "services/customer/domain/match_keys.h"

// The life of a lead. Pure: no I/O, no clock. Deciding (`Qualify`, …) answers an event or a named error and
// changes nothing; `Apply` makes the event true. The version is advanced by whoever appends the event.
namespace crm::customer {

struct Lead {
  static constexpr std::string_view kAggregateType = "lead";

  Uuid id;
  std::int64_t version = 0;  // the etag; equals the last aggregate_seq
  Uuid owner_id;             // nil: nobody yet
  Uuid org_unit_id;
  LeadDetails details;
  bool details_changed = false;   // since it was loaded
  std::optional<MatchKeys> keys;  // of the details, where somebody has worked them out
  LeadState state = LeadState::kNew;
  LeadVerdict verdict = LeadVerdict::kUnjudged;
  std::string grade;     // A, B or C; empty until judged
  bool history = false;  // imported as it was: nothing is started by it

  std::optional<absl::Time> waiting_since;  // nobody was eligible when last tried
  std::string waiting_reason;               // empty when it does not wait
  Uuid assignment_id;                       // the decision in force; nil before the first
  FollowUp follow_up = FollowUp::kNone;
  std::optional<absl::Time> follow_up_start, follow_up_due, follow_up_grace_end;
  std::optional<absl::Time> planned_time;  // when the owner committed to a plan
  Uuid passed_owner_id;                    // failed this lead and is passed over until then
  std::optional<absl::Time> passed_until;

  std::optional<Uuid> fingerprint;   // unique among open leads; empty where another lead holds it already
  Uuid possible_duplicate_of;        // nil: none seen
  Uuid import_id;                    // nil: captured one by one
  Uuid customer_id, opportunity_id;  // set when converted
  std::string disqualify_reason;

  absl::Time occurred_time;  // when it really came in
  absl::Time create_time, update_time;
};

// What an event carries to whoever hears of it: what happened, and the lead as it is since then. Emitted for
// every event of a lead: `Apply(lead, assigned); item.Emit(lead, LeadFact<LeadAssigned>{lead, assigned})`.
template <class Event>
struct LeadFact {
  const Lead& lead;
  const Event& happened;
};

// What people call it: the company, or the contact, the e-mail, the phone, the external id.
std::string DisplayName(const LeadDetails& details);

// Neither converted nor disqualified.
bool IsOpen(const Lead& lead);

// Whether it takes one place of its owner's capacity.
bool HoldsCapacity(const Lead& lead);

// --- Capture and correction -------------------------------------------------------------------------------

inline void Apply(Lead&, const LeadCaptured&) {}

// The fields of `details` that are given (non-empty, attributes by key) over those of `lead`; empty when
// nothing would change.
std::optional<LeadUpdated> Update(const Lead& lead, const LeadDetails& details);
// As above, but what is given replaces what was, also by nothing. Fails with LEAD_NOT_OPEN, and with
// LEAD_NAMELESS when nothing would be left to call it by.
absl::StatusOr<std::optional<LeadUpdated>> Correct(const Lead& lead, const LeadPatch& patch);
void Apply(Lead& lead, const LeadUpdated& event);

// --- Assignment -------------------------------------------------------------------------------------------

// Fails with LEAD_NOT_OPEN.
absl::StatusOr<LeadAssigned> AssignTo(const Lead& lead, const AssignmentGrant& grant);
void Apply(Lead& lead, const LeadAssigned& event);

// Nobody was eligible; a present owner stays until somebody is. Empty when the lead waits for the same reason
// already, and the decision that is `kept` of it says so on the same grounds.
std::optional<LeadWaiting> Wait(const Lead& lead, LeadWaiting waiting,
                                const std::optional<DecisionGrounds>& kept);
void Apply(Lead& lead, const LeadWaiting& event);

// No rule asks for anybody else any more: its owner keeps it, his deadline too. Empty when it does not wait.
std::optional<LeadKept> KeepOwner(const Lead& lead);
void Apply(Lead& lead, const LeadKept& event);

// --- Follow-up --------------------------------------------------------------------------------------------

// A plan counts when the lead's owner made it (a scheduled activity), since this assignment began and before
// its grace ends. The three verbs are asked in this order, each on what the one before has made true; empty
// when the plan does not count, or changes nothing.

// It was made behind the deadline and heard of before the deadline's own step: the miss comes first.
std::optional<LeadFollowUpMissed> MissBefore(const Lead& lead, const FollowUpPlan& plan,
                                             const Uuid& manager_id);

// It was made in time but heard of late: the miss was counted wrongly.
std::optional<LeadFollowUpMissWithdrawn> WithdrawMiss(const Lead& lead, const FollowUpPlan& plan);
void Apply(Lead& lead, const LeadFollowUpMissWithdrawn& event);

// It ends the deadline, and an assigned lead is then being worked. After a miss the lead stays with its
// owner.
std::optional<LeadWorkStarted> StartWork(const Lead& lead, const FollowUpPlan& plan);
void Apply(Lead& lead, const LeadWorkStarted& event);

// The owner is reminded before the deadline. Empty when a plan came, or the assignment changed.
std::optional<FollowUpReminder> Remind(const Lead& lead, const Uuid& assignment_id, int percent);
inline void Apply(Lead&, const FollowUpReminder&) {}

// The deadline of this assignment has passed without a plan. Empty when a plan came, or the assignment
// changed.
std::optional<LeadFollowUpMissed> MissFollowUp(const Lead& lead, const Uuid& assignment_id,
                                               const Uuid& manager_id);
void Apply(Lead& lead, const LeadFollowUpMissed& event);

// The grace is over too: taken from its owner, who is passed over until `cooldown_until`, to be assigned
// anew. Empty as above.
std::optional<LeadReclaimed> Reclaim(const Lead& lead, const Uuid& assignment_id, absl::Time cooldown_until);
void Apply(Lead& lead, const LeadReclaimed& event);

// --- Judgement --------------------------------------------------------------------------------------------

// The outcome is kOpportunity or kPotential; a lead is judged again only towards kOpportunity. Fails with
// LEAD_NOT_OPEN, LEAD_ALREADY_QUALIFIED.
absl::StatusOr<LeadQualified> Qualify(const Lead& lead, LeadQualified judgement);
void Apply(Lead& lead, const LeadQualified& event);

// A lead judged POTENTIAL is nurtured from then on: the second event of that judgement.
void Apply(Lead& lead, const LeadNurtured& event);

// Needs the verdict OPPORTUNITY. Fails with LEAD_NOT_OPEN, LEAD_NOT_QUALIFIED.
absl::StatusOr<LeadConverted> Convert(const Lead& lead, const Conversion& conversion);
void Apply(Lead& lead, const LeadConverted& event);

// Fails with LEAD_NOT_OPEN.
absl::StatusOr<LeadDisqualified> Disqualify(const Lead& lead, LeadDisqualified disqualified);
void Apply(Lead& lead, const LeadDisqualified& event);

}  // namespace crm::customer
