#include "services/customer/app/assigner.h"

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "common/work/gather.h"

namespace crm::customer {
namespace {

// Of a decision that is kept.
constexpr std::size_t kMostCandidates = 100;

}  // namespace

Assigner::Assigner(db::Transaction& tx, work::Tracked<Lead>& leads, std::vector<Uuid> named)
    : store_(tx), lead_store_(tx), workload_(tx), now_(tx.now()), leads_(leads), rules_(store_.LoadRules()) {
  std::vector<Uuid> units, waiting;
  for (const Lead* lead : leads.All()) {
    units.push_back(lead->org_unit_id);
    named.push_back(lead->owner_id);
    if (lead->waiting_since) waiting.push_back(lead->id);
  }
  for (const AssignmentRule& rule : rules_) named.push_back(rule.employee_id);
  roster_ = workload_.LoadRoster(work::Distinct(std::move(named)));
  org_paths_ = store_.LoadOrgPaths(work::Distinct(std::move(units)));
  kept_ = store_.LatestGrounds(waiting);
}

absl::Status Assigner::MayTake(const Lead& lead, const Uuid& employee_id) const {
  if (!IsOpen(lead)) return AssignTo(lead, {}).status();
  const Seat* seat = roster_.Find(employee_id);
  if (seat == nullptr) return errors::NotFound("employee", employee_id.ToString(), "employee_id");
  if (seat->state != EmployeeState::kActive)
    return errors::FailedPrecondition(
        "EMPLOYEE_NOT_ACTIVE",
        absl::StrCat(seat->name, " is ", std::string(Word(seat->state)), " and gets no leads"),
        {{"field", "employee_id"}, {"employee", employee_id.ToString()}});
  const std::int64_t others = seat->open_leads - (lead.owner_id == employee_id ? 1 : 0);
  if (others >= seat->capacity)
    return errors::FailedPrecondition(
        "EMPLOYEE_AT_CAPACITY",
        absl::StrCat(seat->name, " has ", seat->open_leads, " open leads and a capacity of ", seat->capacity,
                     "; raise it, or choose somebody else"),
        {{"field", "employee_id"}, {"employee", employee_id.ToString()}});
  return absl::OkStatus();
}

AssignmentGrant Assigner::GrantOf(const Uuid& assignment_id, const Decision& decision,
                                  const AssignmentRule* policy) {
  const Seat& seat = *roster_.Find(decision.chosen_id);
  AssignmentGrant grant;
  grant.assignment_id = assignment_id;
  grant.owner_id = seat.employee_id;
  grant.org_unit_id = seat.org_unit_id;
  grant.rule_id = decision.rule_id;
  grant.rule_version = decision.rule_version;
  if (decision.rule != nullptr) grant.strategy = Word(decision.rule->strategy);
  if (policy == nullptr || policy->follow_up_within == absl::ZeroDuration()) return grant;
  const FollowUpSchedule schedule = PlanFollowUpSteps(assignment_id, now_, policy->follow_up_within,
                                                      policy->reclaim_grace, CalendarOf(seat.time_zone));
  grant.follow_up_start = schedule.start;
  grant.follow_up_due = schedule.deadline;
  grant.follow_up_grace_end = schedule.grace_end;
  schedules_.emplace(assignment_id, schedule);
  return grant;
}

std::string_view Assigner::PathOf(const Lead& lead) const {
  const auto found = org_paths_.find(lead.org_unit_id);
  return found == org_paths_.end() ? std::string_view() : found->second;
}

std::optional<DecisionGrounds> Assigner::KeptOf(const Lead& lead) const {
  const auto found = kept_.find(lead.id);
  return found == kept_.end() ? std::nullopt : std::optional(found->second);
}

void Assigner::Keep(const Lead& lead, const Uuid& id, Decision decision, std::string_view strategy) {
  kept_[lead.id] = decision;
  if (auto& candidates = decision.candidates; candidates.size() > kMostCandidates) {
    decision.more_candidates = static_cast<int>(candidates.size() - kMostCandidates);
    candidates.resize(kMostCandidates);
  }
  StoredDecision& stored = decisions_.emplace_back();
  stored.lead_id = lead.id;
  stored.id = id;
  stored.strategy = strategy;
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
  if (!lead_store_.Save(leads_) || !workload_.Save(roster_)) return false;
  if (workload_.wanted()) schedule_(RetryWaitingJob(now_));
  return store_.Append(decisions_);
}

}  // namespace crm::customer
