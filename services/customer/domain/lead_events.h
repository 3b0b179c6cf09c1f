#pragma once
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/customer/domain/lead_types.h"

// What happened to leads. The facts of the lead itself, as they are after the event, go along with each: see
// LeadFact in lead.h.
namespace crm::customer {

struct LeadCaptured {};

struct LeadUpdated {
  LeadDetails details;                      // all of them, as they are now
  std::vector<std::string> changed_fields;  // never empty
};

struct LeadAssigned {
  AssignmentGrant grant;
  Uuid previous_owner_id;  // nil: none
};

struct LeadWaiting {
  Uuid assignment_id;
  DecisionGrounds grounds;
  std::string reason;
  absl::Time since;
  std::vector<Uuid> alert_employee_ids;
};

// It no longer waits: no rule asks for somebody else, and its owner keeps it.
struct LeadKept {};

// An owner's plan was heard of.
struct LeadWorkStarted {
  Uuid activity_id;
  absl::Time committed;
};

// The plan had been made in time: the miss does not count.
struct LeadFollowUpMissWithdrawn {
  Uuid assignment_id, activity_id;
  absl::Time committed;
};

// A step before the deadline (50 %, 80 %): the owner is reminded.
struct FollowUpReminder {
  Uuid assignment_id;
  int percent = 0;
  absl::Time due;
};

struct LeadFollowUpMissed {
  Uuid assignment_id, manager_id;  // of the owner; nil: none
  absl::Time due;
};

struct LeadReclaimed {
  Uuid assignment_id, previous_owner_id;
  absl::Time cooldown_until;
};

struct LeadQualified {
  LeadVerdict outcome = LeadVerdict::kOpportunity;
  std::string grade;  // A, B, C or empty
  std::string note;
};

struct LeadNurtured {};

struct LeadConverted {
  Conversion conversion;
};

struct LeadDisqualified {
  std::string reason;  // a stable key: "NO_BUDGET"
  std::string note;
};

}  // namespace crm::customer
