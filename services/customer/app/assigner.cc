#include "services/customer/app/assigner.h"

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"

namespace crm::customer {

Assigner::Assigner(db::Transaction& tx, work::Tracked<Lead>& leads, const std::vector<Uuid>& org_unit_ids)
    : store_(tx),
      lead_store_(tx),
      workload_(tx),
      now_(tx.now()),
      leads_(leads),
      roster_(workload_.LoadRoster()),
      rules_(store_.LoadRules()),
      org_paths_(store_.LoadOrgPaths(org_unit_ids)) {}

absl::Status Assigner::MayTake(const Lead& lead, const Uuid& employee_id) const {
  if (!IsOpen(lead)) return AssignTo(lead, {}).status();
  const Seat* seat = roster_.Find(employee_id);
  if (seat == nullptr) return errors::NotFound("employee", employee_id.ToString());
  if (seat->state != EmployeeState::kActive)
    return errors::FailedPrecondition(
        "EMPLOYEE_NOT_ACTIVE",
        absl::StrCat(seat->name, " is ", std::string(Word(seat->state)), " and gets no leads"),
        {{"employee", employee_id.ToString()}});
  const std::int64_t others = seat->open_leads - (lead.owner_id == employee_id ? 1 : 0);
  if (others >= seat->capacity)
    return errors::FailedPrecondition(
        "EMPLOYEE_AT_CAPACITY",
        absl::StrCat(seat->name, " has ", seat->open_leads, " open leads and a capacity of ", seat->capacity,
                     "; raise it, or choose somebody else"),
        {{"employee", employee_id.ToString()}});
  return absl::OkStatus();
}

AssignmentGrant Assigner::GrantOf(const Uuid& assignment_id, const Decision& decision) {
  const Seat& seat = *roster_.Find(decision.chosen_id);
  AssignmentGrant grant;
  grant.assignment_id = assignment_id;
  grant.owner_id = seat.employee_id;
  grant.org_unit_id = seat.org_unit_id;
  grant.rule_id = decision.rule_id;
  grant.rule_version = decision.rule_version;
  if (decision.rule == nullptr) return grant;
  grant.strategy = Word(decision.rule->strategy);
  if (decision.rule->follow_up_within > absl::ZeroDuration()) {
    const FollowUpSchedule schedule =
        PlanFollowUpSteps(assignment_id, now_, decision.rule->follow_up_within, decision.rule->reclaim_grace,
                          CalendarOf(seat.time_zone));
    grant.follow_up_start = schedule.start;
    grant.follow_up_due = schedule.deadline;
    grant.follow_up_grace_end = schedule.grace_end;
    schedules_.emplace(assignment_id, schedule);
  }
  return grant;
}

// Those who lead the people that were passed over can do something about it.
std::vector<Uuid> Assigner::AlertsFor(const Decision& decision) const {
  std::set<Uuid> managers;
  for (const CandidateVerdict& candidate : decision.candidates)
    if (const Seat* seat = roster_.Find(candidate.employee_id); seat != nullptr && !seat->manager_id.nil())
      managers.insert(seat->manager_id);
  return {managers.begin(), managers.end()};
}

void Assigner::Keep(const Lead& lead, const Uuid& id, Decision decision) {
  StoredDecision& stored = decisions_.emplace_back();
  stored.lead_id = lead.id;
  stored.id = id;
  stored.strategy = decision.rule != nullptr                ? std::string(Word(decision.rule->strategy))
                    : decision.tie_break == "given by hand" ? "MANUAL"
                                                            : "";
  stored.decision = std::move(decision);
  stored.decide_time = now_;
}

const WorkCalendar& Assigner::CalendarOf(const std::string& time_zone) {
  if (const auto found = calendars_.find(time_zone); found != calendars_.end()) return found->second;
  auto calendar = WorkCalendar::Make(time_zone.empty() ? "UTC" : time_zone, WorkCalendar::OfficeHours());
  if (!calendar) calendar = WorkCalendar::Make("UTC", WorkCalendar::OfficeHours());
  return calendars_.emplace(time_zone, *std::move(calendar)).first->second;
}

bool Assigner::Save() {
  return lead_store_.Save(leads_) && workload_.Save(roster_) && store_.Append(decisions_);
}

}  // namespace crm::customer
