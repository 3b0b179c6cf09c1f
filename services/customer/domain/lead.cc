#include "services/customer/domain/lead.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"

namespace crm::customer {
namespace {

absl::Status NotOpen(const Lead& lead) {
  return errors::FailedPrecondition(
      "LEAD_NOT_OPEN",
      absl::StrCat("lead ", lead.id.ToString(), " is ", std::string(Word(lead.state)),
                   " and can no longer change"),
      {{"field", "state"}, {"lead", lead.id.ToString()}, {"state", std::string(Word(lead.state))}});
}

bool AwaitsPlan(const Lead& lead, const Uuid& assignment_id) {
  return IsOpen(lead) && lead.assignment_id == assignment_id && !lead.owner_id.nil();
}

bool Counts(const Lead& lead, const FollowUpPlan& plan) {
  if (!IsOpen(lead) || lead.owner_id.nil() || plan.owner_id != lead.owner_id) return false;
  if (lead.follow_up_start && plan.committed < *lead.follow_up_start) return false;
  return !lead.follow_up_grace_end || plan.committed <= *lead.follow_up_grace_end;
}

bool IsLate(const Lead& lead, const FollowUpPlan& plan) {
  return lead.follow_up_due && plan.committed > *lead.follow_up_due;
}

constexpr std::pair<std::string_view, std::string LeadDetails::*> kFields[] = {
    {"external_id", &LeadDetails::external_id},
    {"company", &LeadDetails::company},
    {"contact_name", &LeadDetails::contact},
    {"phone", &LeadDetails::phone},
    {"email", &LeadDetails::email},
    {"source", &LeadDetails::source},
    {"region", &LeadDetails::region},
    {"industry", &LeadDetails::industry},
    {"size", &LeadDetails::size},
    {"campaign", &LeadDetails::campaign},
    {"note", &LeadDetails::note},
};

}  // namespace

AssignmentPhase PhaseOf(LeadVerdict verdict) {
  switch (verdict) {
    case LeadVerdict::kOpportunity:
      return AssignmentPhase::kSales;
    case LeadVerdict::kPotential:
      return AssignmentPhase::kMarketing;
    default:
      return AssignmentPhase::kUnjudged;
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

std::optional<LeadUpdated> Update(const Lead& lead, const LeadDetails& details) {
  LeadUpdated event{lead.details, {}};
  for (const auto& [name, field] : kFields) {
    if ((details.*field).empty() || details.*field == event.details.*field) continue;
    event.details.*field = details.*field;
    event.changed_fields.emplace_back(name);
  }
  bool attributes = false;
  for (const auto& [key, value] : details.attributes) {
    if (value.empty()) continue;
    std::string& held = event.details.attributes[key];
    attributes |= held != value;
    held = value;
  }
  if (attributes) event.changed_fields.emplace_back("attributes");
  if (event.changed_fields.empty()) return std::nullopt;
  return event;
}

absl::StatusOr<std::optional<LeadUpdated>> Correct(const Lead& lead, const LeadPatch& patch) {
  if (!IsOpen(lead)) return NotOpen(lead);
  LeadUpdated event{lead.details, {}};
  const auto named = [&](std::string_view field) {
    return std::find(patch.fields.begin(), patch.fields.end(), field) != patch.fields.end();
  };
  for (const auto& [name, field] : kFields) {
    if (!named(name) || patch.details.*field == event.details.*field) continue;
    event.details.*field = patch.details.*field;
    event.changed_fields.emplace_back(name);
  }
  if (named("attributes") && patch.details.attributes != event.details.attributes) {
    event.details.attributes = patch.details.attributes;
    event.changed_fields.emplace_back("attributes");
  }
  if (event.changed_fields.empty()) return std::optional<LeadUpdated>();
  if (DisplayName(event.details).empty())
    return errors::FailedPrecondition("LEAD_NAMELESS",
                                      "one of company, contact_name, phone, email, external_id must stay",
                                      {{"field", "update_mask"}, {"lead", lead.id.ToString()}});
  return event;
}

void Apply(Lead& lead, const LeadUpdated& event) {
  lead.details = event.details;
  lead.details_changed = true;
  lead.keys.reset();
  lead.fingerprint.reset();  // it was of the old details, and would stand in the way of somebody else
}

absl::StatusOr<LeadAssigned> AssignTo(const Lead& lead, const AssignmentGrant& grant) {
  if (!IsOpen(lead)) return NotOpen(lead);
  return LeadAssigned{grant, lead.owner_id};
}

void Apply(Lead& lead, const LeadAssigned& event) {
  const AssignmentGrant& grant = event.grant;
  const bool kept_at_work = lead.state == LeadState::kWorking && grant.owner_id == lead.owner_id;
  lead.owner_id = grant.owner_id;
  lead.org_unit_id = grant.org_unit_id;
  lead.assignment_id = grant.assignment_id;
  lead.waiting_since.reset();
  lead.waiting_reason.clear();
  if (lead.verdict != LeadVerdict::kPotential && !kept_at_work) lead.state = LeadState::kAssigned;
  if (lead.verdict == LeadVerdict::kPotential) lead.state = LeadState::kNurturing;
  lead.follow_up = grant.follow_up_due ? FollowUp::kPending : FollowUp::kNone;
  lead.follow_up_start = grant.follow_up_start;
  lead.follow_up_due = grant.follow_up_due;
  lead.follow_up_grace_end = grant.follow_up_grace_end;
  lead.planned_time.reset();
}

std::optional<LeadWaiting> Wait(const Lead& lead, LeadWaiting waiting,
                                const std::optional<DecisionGrounds>& kept) {
  if (!IsOpen(lead)) return std::nullopt;
  if (lead.waiting_since && lead.waiting_reason == waiting.reason && kept == waiting.grounds)
    return std::nullopt;
  if (lead.waiting_since) waiting.since = *lead.waiting_since;
  return waiting;
}

void Apply(Lead& lead, const LeadWaiting& event) {
  lead.waiting_since = event.since;
  lead.waiting_reason = event.reason;
  if (lead.owner_id.nil()) lead.assignment_id = event.assignment_id;
}

std::optional<LeadKept> KeepOwner(const Lead& lead) {
  if (!IsOpen(lead) || !lead.waiting_since) return std::nullopt;
  return LeadKept();
}

void Apply(Lead& lead, const LeadKept&) {
  lead.waiting_since.reset();
  lead.waiting_reason.clear();
}

std::optional<LeadFollowUpMissed> MissBefore(const Lead& lead, const FollowUpPlan& plan,
                                             const Uuid& manager_id) {
  if (!Counts(lead, plan) || !IsLate(lead, plan)) return std::nullopt;
  return MissFollowUp(lead, lead.assignment_id, manager_id);
}

std::optional<LeadFollowUpMissWithdrawn> WithdrawMiss(const Lead& lead, const FollowUpPlan& plan) {
  if (!Counts(lead, plan) || lead.follow_up != FollowUp::kMissed || IsLate(lead, plan)) return std::nullopt;
  return LeadFollowUpMissWithdrawn{lead.assignment_id, plan.activity_id, plan.committed};
}

void Apply(Lead& lead, const LeadFollowUpMissWithdrawn& event) {
  lead.follow_up = FollowUp::kPlanned;
  lead.planned_time = event.committed;
}

std::optional<LeadWorkStarted> StartWork(const Lead& lead, const FollowUpPlan& plan) {
  if (!Counts(lead, plan)) return std::nullopt;
  const bool in_time = lead.follow_up == FollowUp::kPending && !IsLate(lead, plan);
  const bool within_grace = lead.follow_up == FollowUp::kMissed && !lead.planned_time;
  const bool owes_none = lead.follow_up == FollowUp::kNone || lead.follow_up == FollowUp::kPlanned;
  if (in_time || within_grace || (owes_none && lead.state == LeadState::kAssigned))
    return LeadWorkStarted{plan.activity_id, plan.committed};
  return std::nullopt;
}

void Apply(Lead& lead, const LeadWorkStarted& event) {
  if (lead.state == LeadState::kAssigned) lead.state = LeadState::kWorking;
  if (lead.follow_up == FollowUp::kPending) lead.follow_up = FollowUp::kPlanned;
  lead.planned_time = event.committed;
}

std::optional<FollowUpReminder> Remind(const Lead& lead, const Uuid& assignment_id, int percent) {
  if (!AwaitsPlan(lead, assignment_id) || lead.follow_up != FollowUp::kPending || !lead.follow_up_due)
    return std::nullopt;
  return FollowUpReminder{assignment_id, percent, *lead.follow_up_due};
}

std::optional<LeadFollowUpMissed> MissFollowUp(const Lead& lead, const Uuid& assignment_id,
                                               const Uuid& manager_id) {
  if (!AwaitsPlan(lead, assignment_id) || lead.follow_up != FollowUp::kPending || !lead.follow_up_due)
    return std::nullopt;
  return LeadFollowUpMissed{assignment_id, manager_id, *lead.follow_up_due};
}

void Apply(Lead& lead, const LeadFollowUpMissed&) { lead.follow_up = FollowUp::kMissed; }

std::optional<LeadReclaimed> Reclaim(const Lead& lead, const Uuid& assignment_id, absl::Time cooldown_until) {
  if (!AwaitsPlan(lead, assignment_id) || lead.follow_up != FollowUp::kMissed || lead.planned_time)
    return std::nullopt;
  return LeadReclaimed{assignment_id, lead.owner_id, cooldown_until};
}

void Apply(Lead& lead, const LeadReclaimed& event) {
  lead.passed_owner_id = event.previous_owner_id;
  lead.passed_until = event.cooldown_until;
  if (lead.state == LeadState::kAssigned || lead.state == LeadState::kWorking) lead.state = LeadState::kNew;
  lead.owner_id = Uuid();
  lead.follow_up = FollowUp::kNone;
  lead.follow_up_start = lead.follow_up_due = lead.follow_up_grace_end = lead.planned_time = std::nullopt;
}

absl::StatusOr<LeadQualified> Qualify(const Lead& lead, LeadQualified judgement) {
  if (!IsOpen(lead)) return NotOpen(lead);
  if (lead.verdict == LeadVerdict::kOpportunity || lead.verdict == judgement.outcome)
    return errors::FailedPrecondition(
        "LEAD_ALREADY_QUALIFIED",
        absl::StrCat("lead ", lead.id.ToString(), " has been judged ", std::string(Word(lead.verdict)),
                     "; convert or disqualify it instead"),
        {{"field", "qualification"},
         {"lead", lead.id.ToString()},
         {"verdict", std::string(Word(lead.verdict))}});
  return judgement;
}

void Apply(Lead& lead, const LeadQualified& event) {
  lead.verdict = event.outcome;
  lead.grade = event.grade;
  if (event.outcome == LeadVerdict::kOpportunity && lead.state == LeadState::kNurturing)
    lead.state = lead.owner_id.nil() ? LeadState::kNew : LeadState::kWorking;
}

void Apply(Lead& lead, const LeadNurtured&) { lead.state = LeadState::kNurturing; }

absl::StatusOr<LeadConverted> Convert(const Lead& lead, const Conversion& conversion) {
  if (!IsOpen(lead)) return NotOpen(lead);
  if (lead.verdict != LeadVerdict::kOpportunity)
    return errors::FailedPrecondition(
        "LEAD_NOT_QUALIFIED",
        absl::StrCat("lead ", lead.id.ToString(), " is ", std::string(Word(lead.verdict)),
                     "; qualify it as OPPORTUNITY before it is converted"),
        {{"field", "qualification"},
         {"lead", lead.id.ToString()},
         {"verdict", std::string(Word(lead.verdict))}});
  return LeadConverted{conversion};
}

void Apply(Lead& lead, const LeadConverted& event) {
  lead.state = LeadState::kConverted;
  lead.customer_id = event.conversion.customer_id;
  lead.opportunity_id = event.conversion.opportunity_id;
  lead.waiting_since.reset();
  lead.waiting_reason.clear();
}

absl::StatusOr<LeadDisqualified> Disqualify(const Lead& lead, LeadDisqualified disqualified) {
  if (!IsOpen(lead)) return NotOpen(lead);
  return disqualified;
}

void Apply(Lead& lead, const LeadDisqualified& event) {
  lead.state = LeadState::kDisqualified;
  lead.verdict = LeadVerdict::kDisqualified;
  lead.disqualify_reason = event.reason;
  lead.waiting_since.reset();
  lead.waiting_reason.clear();
}

}  // namespace crm::customer
