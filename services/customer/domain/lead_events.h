#pragma once
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/customer/domain/lead_types.h"

// What happened to leads, complete enough that nobody who hears of it has to ask.
namespace crm::customer {

struct LeadCaptured {
  Uuid lead_id, org_unit_id, import_id;
  LeadDetails details;
  Uuid possible_duplicate_of;
};

struct LeadUpdated {
  Uuid lead_id;
  Uuid owner_id, org_unit_id;
  LeadState state = LeadState::kNew;
  LeadDetails details;  // all of them, as they are now
};

struct LeadAssigned {
  Uuid lead_id;
  std::string lead_name;
  AssignmentGrant grant;
  Uuid previous_owner_id;  // nil: none
  LeadVerdict verdict = LeadVerdict::kUnjudged;
  std::string source, campaign;
};

struct LeadWaiting {
  Uuid lead_id;
  std::string lead_name;
  Uuid org_unit_id, assignment_id;
  std::string reason;
  absl::Time since;
};

struct LeadPooled {
  Uuid lead_id;
  std::string lead_name;
  Uuid org_unit_id, previous_owner_id, assignment_id;
  std::string reason;
};

// An owner's plan was heard of. Becomes LeadUpdated (the state) or LeadFollowUpMissWithdrawn on the wire.
struct FollowUpPlanned {
  Uuid lead_id;
  std::string lead_name;
  Uuid owner_id, org_unit_id, activity_id;
  absl::Time committed;
  bool withdraws_miss = false;
  LeadState state = LeadState::kWorking;
  LeadDetails details;
};

// A step before the deadline: the owner is reminded (50 %, 80 %).
struct FollowUpReminder {
  Uuid lead_id;
  std::string lead_name;
  Uuid owner_id, org_unit_id, assignment_id;
  int percent = 0;
  absl::Time due;
};

struct LeadFollowUpMissed {
  Uuid lead_id;
  std::string lead_name;
  Uuid owner_id, org_unit_id, manager_id, assignment_id;
  absl::Time due;
};

struct LeadReclaimed {
  Uuid lead_id;
  std::string lead_name;
  Uuid previous_owner_id, org_unit_id, assignment_id;
  absl::Time cooldown_until;
};

struct LeadQualified {
  Uuid lead_id;
  std::string lead_name;
  Uuid owner_id, org_unit_id;
  LeadVerdict outcome = LeadVerdict::kOpportunity;
  std::string note;
  std::string source, campaign;
};

struct LeadNurtured {
  Uuid lead_id;
  std::string lead_name;
  Uuid owner_id, org_unit_id;
};

struct LeadConverted {
  Uuid lead_id;
  std::string lead_name;
  Uuid owner_id, org_unit_id;
  Conversion conversion;
  std::string source, campaign, region, industry;
  absl::Time lead_occurred_time;
};

struct LeadDisqualified {
  Uuid lead_id;
  std::string lead_name;
  Uuid owner_id, org_unit_id;
  std::string reason;
  std::string source, campaign;
};

}  // namespace crm::customer
