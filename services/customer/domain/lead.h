#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/customer/domain/lead_events.h"
#include "services/customer/domain/lead_types.h"

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
  LeadState state = LeadState::kNew;
  LeadVerdict verdict = LeadVerdict::kUnjudged;

  std::optional<absl::Time> waiting_since;  // nobody was eligible when last tried
  Uuid assignment_id;                       // the decision in force; nil before the first
  FollowUp follow_up = FollowUp::kNone;
  std::optional<absl::Time> follow_up_start, follow_up_due, follow_up_grace_end;
  std::optional<absl::Time> planned_time;   // when the owner committed to a plan
  Uuid passed_owner_id;                     // failed this lead and is passed over until then
  std::optional<absl::Time> passed_until;

  std::optional<Uuid> fingerprint;  // unique among open leads; empty where another lead holds it already
  Uuid possible_duplicate_of;       // nil: none seen
  Uuid import_id;                   // nil: captured one by one
  Uuid customer_id, opportunity_id;  // set when converted
  std::string disqualify_reason;

  absl::Time occurred_time;  // when it really came in
  absl::Time create_time, update_time;
};

// What people call it: the company, or the contact, the e-mail, the phone, the external id.
std::string DisplayName(const LeadDetails& details);

// Neither converted nor disqualified.
bool IsOpen(const Lead& lead);

// Whether it takes one place of its owner's capacity.
bool HoldsCapacity(const Lead& lead);

// --- Capture and correction -------------------------------------------------------------------------------

// A new lead as it came in. `lead` has its id, org unit and details.
LeadCaptured Capture(const Lead& lead);

// The fields of `details` that are given (non-empty, attributes by key) over those of `lead`; empty when
// nothing would change.
std::optional<LeadUpdated> Update(const Lead& lead, const LeadDetails& details);
void Apply(Lead& lead, const LeadUpdated& event);

// --- Assignment -------------------------------------------------------------------------------------------

// Fails with LEAD_NOT_OPEN.
absl::StatusOr<LeadAssigned> AssignTo(const Lead& lead, const AssignmentGrant& grant);
void Apply(Lead& lead, const LeadAssigned& event);

// Nobody was eligible; a present owner stays until somebody is. Empty when the lead is known to wait already.
std::optional<LeadWaiting> Wait(const Lead& lead, const Uuid& assignment_id, std::string_view reason,
                                absl::Time now);
void Apply(Lead& lead, const LeadWaiting& event);

// Into the public pool of its org unit, from any open state.
absl::StatusOr<LeadPooled> Pool(const Lead& lead, const Uuid& assignment_id, std::string_view reason);
void Apply(Lead& lead, const LeadPooled& event);

// --- Follow-up --------------------------------------------------------------------------------------------

// The owner committed at `committed` to a plan (a scheduled activity). An assigned lead is then being worked;
// a plan that was in time but heard of late withdraws the miss. Empty when there is nothing to record.
std::optional<FollowUpPlanned> PlanFollowUp(const Lead& lead, const Uuid& activity_id, absl::Time committed);
void Apply(Lead& lead, const FollowUpPlanned& event);

// The deadline of this assignment has passed without a plan. Empty when a plan came, or the assignment changed.
std::optional<LeadFollowUpMissed> MissFollowUp(const Lead& lead, const Uuid& assignment_id,
                                               const Uuid& manager_id);
void Apply(Lead& lead, const LeadFollowUpMissed& event);

// The grace is over too: taken from its owner, who is passed over until `cooldown_until`, to be assigned anew.
// Empty as above.
std::optional<LeadReclaimed> Reclaim(const Lead& lead, const Uuid& assignment_id, absl::Time cooldown_until);
void Apply(Lead& lead, const LeadReclaimed& event);

// --- Judgement --------------------------------------------------------------------------------------------

// `outcome` is kOpportunity or kPotential; a lead is judged again only towards kOpportunity, or out of the pool.
// Fails with LEAD_NOT_OPEN, LEAD_ALREADY_QUALIFIED.
absl::StatusOr<LeadQualified> Qualify(const Lead& lead, LeadVerdict outcome, std::string_view note);
void Apply(Lead& lead, const LeadQualified& event);

// A lead judged POTENTIAL is nurtured from here on: the second event of that judgement.
LeadNurtured Nurture(const Lead& lead);
void Apply(Lead& lead, const LeadNurtured& event);

// Needs the verdict OPPORTUNITY. Fails with LEAD_NOT_OPEN, LEAD_NOT_QUALIFIED.
absl::StatusOr<LeadConverted> Convert(const Lead& lead, const Conversion& conversion);
void Apply(Lead& lead, const LeadConverted& event);

// Fails with LEAD_NOT_OPEN; `reason` must not be empty (the caller has checked it).
absl::StatusOr<LeadDisqualified> Disqualify(const Lead& lead, std::string_view reason);
void Apply(Lead& lead, const LeadDisqualified& event);

}  // namespace crm::customer
