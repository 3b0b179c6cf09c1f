#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/customer/app/lead_jobs.h"
#include "services/customer/domain/assignment.h"
#include "services/customer/storage/assignment_store.h"
#include "services/customer/storage/lead_store.h"
#include "services/customer/storage/workload_store.h"

namespace crm::customer {

// What it takes to give leads to people in one transaction: everybody with his load, the rules, and
// afterwards the decisions. Leads are decided one after another, each seeing what those before it have taken.
class Assigner {
 public:
  // For these leads, and people whom somebody has named. Three statements, one more where a lead waits.
  Assigner(db::Transaction& tx, work::Tracked<Lead>& leads, std::vector<Uuid> named = {});

  // Lets the rules decide on an open lead.
  template <class Item>
  void Decide(Item& item, Lead& lead) {
    const std::string_view path = PathOf(lead);
    Decision decision = Assign(lead, path, rules_, roster_, now_);
    const Uuid id = Uuid::New();
    if (decision.outcome == AssignmentOutcome::kAssigned) {
      Give(item, lead, GrantOf(id, decision, decision.rule));
    } else if (decision.outcome == AssignmentOutcome::kWaiting) {
      auto waiting = Wait(lead, {id, decision, decision.reason, now_, {}}, KeptOf(lead));
      if (!waiting) return;  // as before: the decision that is kept says it already
      waiting->alert_employee_ids = WhomToAlert(decision, path, roster_);
      lead.update_time = now_;
      Tell(item, lead, *waiting);
    } else if (const auto kept = KeepOwner(lead)) {
      lead.update_time = now_;
      Tell(item, lead, *kept);
    }
    const std::string_view strategy = decision.rule == nullptr ? "" : Word(decision.rule->strategy);
    Keep(lead, id, std::move(decision), strategy);
  }

  // Gives a lead to a person whom somebody has named, under the deadline of the rule that would have decided.
  // EMPLOYEE_NOT_FOUND, EMPLOYEE_NOT_ACTIVE, EMPLOYEE_AT_CAPACITY; LEAD_NOT_OPEN.
  template <class Item>
  absl::Status DecideFor(Item& item, Lead& lead, const Uuid& employee_id, const std::string& reason) {
    if (absl::Status status = MayTake(lead, employee_id); !status.ok()) return status;
    const Uuid id = Uuid::New();
    Decision decision;
    decision.phase = PhaseOf(lead.verdict);
    decision.outcome = AssignmentOutcome::kAssigned;
    decision.chosen_id = employee_id;
    decision.reason = reason;
    decision.tie_break = "given by hand";
    AssignmentGrant grant = GrantOf(id, decision, MatchingRule(lead, PathOf(lead), rules_));
    grant.strategy = kByHand;
    Give(item, lead, grant);
    Keep(lead, id, std::move(decision), kByHand);
    return absl::OkStatus();
  }

  // Those who wait are tried again for the places that have become free. False when somebody was faster.
  bool Save();

 private:
  static constexpr char kByHand[] = "MANUAL";

  template <class Item>
  void Give(Item& item, Lead& lead, const AssignmentGrant& grant) {
    const auto assigned = AssignTo(lead, grant);
    if (!assigned.ok()) return;
    org_paths_.emplace(lead.org_unit_id, roster_.Find(grant.owner_id)->org_path);
    CancelFollowUp(item, lead);
    if (HoldsCapacity(lead)) {
      roster_.Release(lead.owner_id);
      schedule_ = ScheduleBy(item);
    }
    roster_.Take(grant.owner_id, now_);
    lead.update_time = now_;
    Tell(item, lead, *assigned);
    if (const auto schedule = schedules_.find(grant.assignment_id); schedule != schedules_.end())
      item.Schedule(FollowUpJob(lead.id, {schedule->second, FollowUpStep::kHalf}));
  }

  absl::Status MayTake(const Lead& lead, const Uuid& employee_id) const;
  // `policy`: whose deadline the owner gets; null: none.
  AssignmentGrant GrantOf(const Uuid& assignment_id, const Decision& decision, const AssignmentRule* policy);
  std::string_view PathOf(const Lead& lead) const;
  std::optional<DecisionGrounds> KeptOf(const Lead& lead) const;
  void Keep(const Lead& lead, const Uuid& id, Decision decision, std::string_view strategy);
  const WorkCalendar& CalendarOf(const std::string& time_zone);

  AssignmentStore store_;
  LeadStore lead_store_;
  WorkloadStore workload_;
  const absl::Time now_;
  work::Tracked<Lead>& leads_;
  Roster roster_;
  std::vector<AssignmentRule> rules_;
  std::map<Uuid, std::string> org_paths_;
  std::map<Uuid, DecisionGrounds> kept_;  // by lead: of those that wait, and those decided on here
  std::vector<StoredDecision> decisions_;
  std::map<Uuid, FollowUpSchedule> schedules_;  // by assignment
  std::map<std::string, WorkCalendar> calendars_;
  std::function<void(work::Job)> schedule_;  // set when a place has been given back
};

}  // namespace crm::customer
