#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace crm::customer {

// NEW → ASSIGNED → WORKING → CONVERTED | NURTURING | DISQUALIFIED, and POOLED from any open state.
enum class LeadState { kNew, kAssigned, kWorking, kNurturing, kPooled, kConverted, kDisqualified };

// The judgement of QualifyLead.
enum class LeadVerdict { kUnjudged, kOpportunity, kPotential, kDisqualified };

// How the owner's duty to plan the follow-up stands.
enum class FollowUp { kNone, kPending, kPlanned, kMissed };

// Which rules decide: those for unjudged leads, for sales (OPPORTUNITY) or for marketing (POTENTIAL).
enum class AssignmentPhase { kUnjudged, kSales, kMarketing };

std::string_view Name(LeadState state);
std::string_view Name(LeadVerdict verdict);
std::string_view Name(FollowUp follow_up);
std::string_view Name(AssignmentPhase phase);
std::optional<LeadState> ParseLeadState(std::string_view name);
std::optional<LeadVerdict> ParseLeadVerdict(std::string_view name);
std::optional<FollowUp> ParseFollowUp(std::string_view name);
std::optional<AssignmentPhase> ParseAssignmentPhase(std::string_view name);

AssignmentPhase PhaseOf(LeadVerdict verdict);

// What is known of a lead, as people wrote it. An empty field is unknown.
struct LeadDetails {
  std::string external_id;
  std::string company, contact, phone, email;
  std::string source, region, industry, size, campaign;
  std::string note;
  std::map<std::string, std::string> attributes;  // columns that have no field of their own

  friend bool operator==(const LeadDetails&, const LeadDetails&) = default;
};

// What the assignment has decided.
struct AssignmentGrant {
  Uuid assignment_id;
  Uuid owner_id;
  std::string owner_name;
  Uuid org_unit_id;  // the owner's
  Uuid manager_id;   // the owner's; nil: none
  std::optional<absl::Time> follow_up_start, follow_up_due, follow_up_grace_end;
};

// What a conversion has made or linked. The opportunity's id is fixed here and created from the event, once.
struct Conversion {
  Uuid customer_id;
  std::string customer_name;
  bool customer_created = false;
  Uuid contact_id;  // nil: none
  Uuid opportunity_id;
  std::string opportunity_name;
  std::string currency;           // empty: no amount known
  std::int64_t amount_minor = 0;
  std::optional<absl::Time> expected_close;
};

}  // namespace crm::customer
