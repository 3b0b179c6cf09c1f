#include "services/customer/domain/lead.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"

namespace crm::customer {
namespace {

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Names<LeadState, 7> kStates = {{{LeadState::kNew, "NEW"},
                                          {LeadState::kAssigned, "ASSIGNED"},
                                          {LeadState::kWorking, "WORKING"},
                                          {LeadState::kNurturing, "NURTURING"},
                                          {LeadState::kPooled, "POOLED"},
                                          {LeadState::kConverted, "CONVERTED"},
                                          {LeadState::kDisqualified, "DISQUALIFIED"}}};
constexpr Names<LeadVerdict, 4> kVerdicts = {{{LeadVerdict::kUnjudged, "UNJUDGED"},
                                              {LeadVerdict::kOpportunity, "OPPORTUNITY"},
                                              {LeadVerdict::kPotential, "POTENTIAL"},
                                              {LeadVerdict::kDisqualified, "DISQUALIFIED"}}};
constexpr Names<FollowUp, 4> kFollowUps = {{{FollowUp::kNone, "NONE"},
                                            {FollowUp::kPending, "PENDING"},
                                            {FollowUp::kPlanned, "PLANNED"},
                                            {FollowUp::kMissed, "MISSED"}}};
constexpr Names<AssignmentPhase, 3> kPhases = {{{AssignmentPhase::kUnjudged, "UNJUDGED"},
                                                {AssignmentPhase::kSales, "SALES"},
                                                {AssignmentPhase::kMarketing, "MARKETING"}}};

template <class Enum, std::size_t N>
std::string_view NameIn(const Names<Enum, N>& names, Enum value) {
  for (const auto& [known, name] : names)
    if (known == value) return name;
  return "";
}

template <class Enum, std::size_t N>
std::optional<Enum> ParseIn(const Names<Enum, N>& names, std::string_view text) {
  for (const auto& [value, name] : names)
    if (name == text) return value;
  return std::nullopt;
}

absl::Status NotOpen(const Lead& lead) {
  return errors::FailedPrecondition(
      "LEAD_NOT_OPEN",
      absl::StrCat("lead ", lead.id.ToString(), " is ", std::string(Name(lead.state)), " and can no longer change"),
      {{"lead", lead.id.ToString()}, {"state", std::string(Name(lead.state))}});
}

bool AwaitsPlan(const Lead& lead, const Uuid& assignment_id) {
  return IsOpen(lead) && lead.assignment_id == assignment_id && !lead.owner_id.nil();
}

// Overwrites `field` with a given value; says whether that changed it.
bool Take(std::string& field, const std::string& given) {
  if (given.empty() || given == field) return false;
  field = given;
  return true;
}

}  // namespace

std::string_view Name(LeadState state) { return NameIn(kStates, state); }
std::string_view Name(LeadVerdict verdict) { return NameIn(kVerdicts, verdict); }
std::string_view Name(FollowUp follow_up) { return NameIn(kFollowUps, follow_up); }
std::string_view Name(AssignmentPhase phase) { return NameIn(kPhases, phase); }
std::optional<LeadState> ParseLeadState(std::string_view name) { return ParseIn(kStates, name); }
std::optional<LeadVerdict> ParseLeadVerdict(std::string_view name) { return ParseIn(kVerdicts, name); }
std::optional<FollowUp> ParseFollowUp(std::string_view name) { return ParseIn(kFollowUps, name); }
std::optional<AssignmentPhase> ParseAssignmentPhase(std::string_view name) { return ParseIn(kPhases, name); }

AssignmentPhase PhaseOf(LeadVerdict verdict) {
  switch (verdict) {
    case LeadVerdict::kOpportunity: return AssignmentPhase::kSales;
    case LeadVerdict::kPotential: return AssignmentPhase::kMarketing;
    default: return AssignmentPhase::kUnjudged;
  }
}

std::string DisplayName(const LeadDetails& details) {
  for (const std::string* name :
       {&details.company, &details.contact, &details.email, &details.phone, &details.external_id})
    if (!name->empty()) return *name;
  return "";
}

bool IsOpen(const Lead& lead) {
  return lead.state != LeadState::kConverted && lead.state != LeadState::kDisqualified;
}

bool HoldsCapacity(const Lead& lead) { return IsOpen(lead) && !lead.owner_id.nil(); }

LeadCaptured Capture(const Lead& lead) {
  return {lead.id, lead.org_unit_id, lead.import_id, lead.details, lead.possible_duplicate_of};
}

std::optional<LeadUpdated> Update(const Lead& lead, const LeadDetails& details) {
  LeadUpdated event{lead.id, lead.owner_id, lead.org_unit_id, lead.state, lead.details};
  bool changed = false;
  const auto take = [&](std::string LeadDetails::*field) {
    changed |= Take(event.details.*field, details.*field);
  };
  for (auto field : {&LeadDetails::external_id, &LeadDetails::company, &LeadDetails::contact, &LeadDetails::phone,
                     &LeadDetails::email, &LeadDetails::source, &LeadDetails::region, &LeadDetails::industry,
                     &LeadDetails::size, &LeadDetails::campaign, &LeadDetails::note})
    take(field);
  for (const auto& [key, value] : details.attributes) {
    std::string& held = event.details.attributes[key];
    changed |= Take(held, value);
    if (held.empty()) event.details.attributes.erase(key);
  }
  if (!changed) return std::nullopt;
  return event;
}

void Apply(Lead& lead, const LeadUpdated& event) { lead.details = event.details; }

absl::StatusOr<LeadAssigned> AssignTo(const Lead& lead, const AssignmentGrant& grant) {
  if (!IsOpen(lead)) return NotOpen(lead);
  return LeadAssigned{lead.id,       DisplayName(lead.details), grant, lead.owner_id, lead.verdict,
                      lead.details.source, lead.details.campaign};
}

void Apply(Lead& lead, const LeadAssigned& event) {
  const AssignmentGrant& grant = event.grant;
  const bool kept_at_work = lead.state == LeadState::kWorking && grant.owner_id == lead.owner_id;
  lead.owner_id = grant.owner_id;
  lead.org_unit_id = grant.org_unit_id;
  lead.assignment_id = grant.assignment_id;
  lead.waiting_since.reset();
  if (lead.verdict != LeadVerdict::kPotential && !kept_at_work) lead.state = LeadState::kAssigned;
  if (lead.verdict == LeadVerdict::kPotential) lead.state = LeadState::kNurturing;
  lead.follow_up = grant.follow_up_due ? FollowUp::kPending : FollowUp::kNone;
  lead.follow_up_start = grant.follow_up_start;
  lead.follow_up_due = grant.follow_up_due;
  lead.follow_up_grace_end = grant.follow_up_grace_end;
  lead.planned_time.reset();
}

std::optional<LeadWaiting> Wait(const Lead& lead, const Uuid& assignment_id, std::string_view reason,
                                absl::Time now) {
  if (lead.waiting_since || !IsOpen(lead)) return std::nullopt;
  return LeadWaiting{lead.id, DisplayName(lead.details), lead.org_unit_id, assignment_id, std::string(reason), now};
}

void Apply(Lead& lead, const LeadWaiting& event) {
  lead.waiting_since = event.since;
  if (lead.owner_id.nil()) lead.assignment_id = event.assignment_id;
}

absl::StatusOr<LeadPooled> Pool(const Lead& lead, const Uuid& assignment_id, std::string_view reason) {
  if (!IsOpen(lead)) return NotOpen(lead);
  return LeadPooled{lead.id,       DisplayName(lead.details), lead.org_unit_id,
                    lead.owner_id, assignment_id,             std::string(reason)};
}

void Apply(Lead& lead, const LeadPooled& event) {
  lead.state = LeadState::kPooled;
  lead.owner_id = Uuid();
  lead.assignment_id = event.assignment_id;
  lead.waiting_since.reset();
  lead.follow_up = FollowUp::kNone;
  lead.follow_up_start = lead.follow_up_due = lead.follow_up_grace_end = lead.planned_time = std::nullopt;
}

std::optional<FollowUpPlanned> PlanFollowUp(const Lead& lead, const Uuid& activity_id, absl::Time committed) {
  if (!IsOpen(lead) || lead.owner_id.nil()) return std::nullopt;
  const bool in_time = !lead.follow_up_due || committed <= *lead.follow_up_due;
  const bool withdraws = lead.follow_up == FollowUp::kMissed && in_time;
  const bool starts_work = lead.state == LeadState::kAssigned;
  if (!withdraws && !starts_work && lead.follow_up != FollowUp::kPending) return std::nullopt;
  return FollowUpPlanned{lead.id,
                         DisplayName(lead.details),
                         lead.owner_id,
                         lead.org_unit_id,
                         activity_id,
                         committed,
                         withdraws,
                         starts_work ? LeadState::kWorking : lead.state,
                         lead.details};
}

void Apply(Lead& lead, const FollowUpPlanned& event) {
  lead.state = event.state;
  lead.planned_time = event.committed;
  if (lead.follow_up == FollowUp::kPending || event.withdraws_miss) lead.follow_up = FollowUp::kPlanned;
}

std::optional<LeadFollowUpMissed> MissFollowUp(const Lead& lead, const Uuid& assignment_id,
                                               const Uuid& manager_id) {
  if (!AwaitsPlan(lead, assignment_id) || lead.follow_up != FollowUp::kPending || !lead.follow_up_due)
    return std::nullopt;
  return LeadFollowUpMissed{lead.id,    DisplayName(lead.details), lead.owner_id, lead.org_unit_id,
                            manager_id, assignment_id,             *lead.follow_up_due};
}

void Apply(Lead& lead, const LeadFollowUpMissed&) { lead.follow_up = FollowUp::kMissed; }

std::optional<LeadReclaimed> Reclaim(const Lead& lead, const Uuid& assignment_id, absl::Time cooldown_until) {
  if (!AwaitsPlan(lead, assignment_id) || lead.follow_up != FollowUp::kMissed || lead.planned_time)
    return std::nullopt;
  return LeadReclaimed{lead.id,       DisplayName(lead.details), lead.owner_id, lead.org_unit_id,
                       assignment_id, cooldown_until};
}

void Apply(Lead& lead, const LeadReclaimed& event) {
  lead.passed_owner_id = event.previous_owner_id;
  lead.passed_until = event.cooldown_until;
  if (lead.state == LeadState::kAssigned || lead.state == LeadState::kWorking) lead.state = LeadState::kNew;
  lead.owner_id = Uuid();
  lead.follow_up = FollowUp::kNone;
  lead.follow_up_start = lead.follow_up_due = lead.follow_up_grace_end = lead.planned_time = std::nullopt;
}

absl::StatusOr<LeadQualified> Qualify(const Lead& lead, LeadVerdict outcome, std::string_view note) {
  if (!IsOpen(lead)) return NotOpen(lead);
  if (lead.verdict == LeadVerdict::kOpportunity || lead.verdict == outcome)
    return errors::FailedPrecondition(
        "LEAD_ALREADY_QUALIFIED",
        absl::StrCat("lead ", lead.id.ToString(), " has been judged ", std::string(Name(lead.verdict)),
                     "; convert or disqualify it instead"),
        {{"lead", lead.id.ToString()}, {"verdict", std::string(Name(lead.verdict))}});
  return LeadQualified{lead.id,
                       DisplayName(lead.details),
                       lead.owner_id,
                       lead.org_unit_id,
                       outcome,
                       std::string(note),
                       lead.details.source,
                       lead.details.campaign};
}

void Apply(Lead& lead, const LeadQualified& event) {
  lead.verdict = event.outcome;
  if (event.outcome == LeadVerdict::kOpportunity && lead.state == LeadState::kNurturing)
    lead.state = lead.owner_id.nil() ? LeadState::kNew : LeadState::kWorking;
}

LeadNurtured Nurture(const Lead& lead) {
  return {lead.id, DisplayName(lead.details), lead.owner_id, lead.org_unit_id};
}

void Apply(Lead& lead, const LeadNurtured&) { lead.state = LeadState::kNurturing; }

absl::StatusOr<LeadConverted> Convert(const Lead& lead, const Conversion& conversion) {
  if (!IsOpen(lead)) return NotOpen(lead);
  if (lead.verdict != LeadVerdict::kOpportunity)
    return errors::FailedPrecondition(
        "LEAD_NOT_QUALIFIED",
        absl::StrCat("lead ", lead.id.ToString(), " is ", std::string(Name(lead.verdict)),
                     "; qualify it as OPPORTUNITY before it is converted"),
        {{"lead", lead.id.ToString()}, {"verdict", std::string(Name(lead.verdict))}});
  return LeadConverted{lead.id,
                       DisplayName(lead.details),
                       lead.owner_id,
                       lead.org_unit_id,
                       conversion,
                       lead.details.source,
                       lead.details.campaign,
                       lead.details.region,
                       lead.details.industry,
                       lead.occurred_time};
}

void Apply(Lead& lead, const LeadConverted& event) {
  lead.state = LeadState::kConverted;
  lead.customer_id = event.conversion.customer_id;
  lead.opportunity_id = event.conversion.opportunity_id;
  lead.waiting_since.reset();
}

absl::StatusOr<LeadDisqualified> Disqualify(const Lead& lead, std::string_view reason) {
  if (!IsOpen(lead)) return NotOpen(lead);
  return LeadDisqualified{lead.id,          DisplayName(lead.details), lead.owner_id,        lead.org_unit_id,
                          std::string(reason), lead.details.source,    lead.details.campaign};
}

void Apply(Lead& lead, const LeadDisqualified& event) {
  lead.state = LeadState::kDisqualified;
  lead.verdict = LeadVerdict::kDisqualified;
  lead.disqualify_reason = event.reason;
  lead.waiting_since.reset();
}

}  // namespace crm::customer
