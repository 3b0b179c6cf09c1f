#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/customer/domain/words.h"

namespace crm::customer {

// NEW → ASSIGNED → WORKING → CONVERTED | NURTURING | DISQUALIFIED. POOLED is reserved.
enum class LeadState { kNew, kAssigned, kWorking, kNurturing, kPooled, kConverted, kDisqualified };

// The judgement of QualifyLead.
enum class LeadVerdict { kUnjudged, kOpportunity, kPotential, kDisqualified };

// How the owner's duty to plan the follow-up stands.
enum class FollowUp { kNone, kPending, kPlanned, kMissed };

// Which rules decide: those for unjudged leads, for sales (OPPORTUNITY) or for marketing (POTENTIAL).
enum class AssignmentPhase { kUnjudged, kSales, kMarketing };

template <>
struct Words<LeadState> {
  static constexpr std::string_view kAll[] = {"NEW",    "ASSIGNED",  "WORKING",     "NURTURING",
                                              "POOLED", "CONVERTED", "DISQUALIFIED"};
};
template <>
struct Words<LeadVerdict> {
  static constexpr std::string_view kAll[] = {"UNJUDGED", "OPPORTUNITY", "POTENTIAL", "DISQUALIFIED"};
};
template <>
struct Words<FollowUp> {
  static constexpr std::string_view kAll[] = {"NONE", "PENDING", "PLANNED", "MISSED"};
};
template <>
struct Words<AssignmentPhase> {
  static constexpr std::string_view kAll[] = {"UNJUDGED", "SALES", "MARKETING"};
};

AssignmentPhase PhaseOf(LeadVerdict verdict);

// On what a decision stands: under another rule, or another version of it, it is another decision.
struct DecisionGrounds {
  AssignmentPhase phase = AssignmentPhase::kUnjudged;
  Uuid rule_id;  // nil: no rule matched
  std::int64_t rule_version = 0;

  friend bool operator==(const DecisionGrounds&, const DecisionGrounds&) = default;
};

// What is known of a lead, as people wrote it. An empty field is unknown.
struct LeadDetails {
  std::string external_id;
  std::string company, contact, phone, email;
  std::string source, region, industry, size, campaign;
  std::string note;
  std::map<std::string, std::string> attributes;  // columns that have no field of their own

  friend bool operator==(const LeadDetails&, const LeadDetails&) = default;
};

// Which details to replace.
struct LeadPatch {
  LeadDetails details;
  std::vector<std::string> fields;  // "company", "contact_name", …, "attributes"
};

// What the assignment has decided.
struct AssignmentGrant {
  Uuid assignment_id;
  Uuid owner_id, org_unit_id;  // the new owner's
  Uuid rule_id;                // nil: given by hand
  std::int64_t rule_version = 0;
  std::string strategy;  // ROUND_ROBIN, LEAST_LOADED, PERSON or MANUAL
  std::optional<absl::Time> follow_up_start, follow_up_due, follow_up_grace_end;
};

// What a conversion has made or linked. The opportunity's id is fixed here and created from the event, once.
struct Conversion {
  Uuid customer_id;
  std::string customer_name;
  bool customer_existed = false;
  Uuid contact_id;  // nil: none
  Uuid opportunity_id;
  std::string opportunity_name;
  std::string currency;  // empty: no amount known
  std::int64_t amount_minor = 0;
  std::string expected_close_date;  // YYYY-MM-DD; may be empty
  std::string grade;                // A, B, C or empty
  std::string process_key;          // empty, or one that there is not: "standard"
  Uuid owner_id, org_unit_id;       // the opportunity's
};

}  // namespace crm::customer
