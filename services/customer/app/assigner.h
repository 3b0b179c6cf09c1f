#pragma once
#include <map>
#include <set>
#include <string>
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
  // Three statements.
  Assigner(db::Transaction& tx, work::Tracked<Lead>& leads, const std::vector<Uuid>& org_unit_ids);

  // Lets the rules decide on an open lead.
  template <class Item>
  void Decide(Item& item, Lead& lead) {
    const auto path = org_paths_.find(lead.org_unit_id);
    Decision decision =
        Assign(lead, path == org_paths_.end() ? std::string_view() : path->second, rules_, roster_, now_);
    const Uuid id = Uuid::New();
    if (decision.outcome == AssignmentOutcome::kAssigned) {
      Give(item, lead, GrantOf(id, decision));
    } else if (decision.outcome == AssignmentOutcome::kWaiting) {
      const auto waiting = Wait(lead, {id, decision.rule_id, decision.reason, now_, AlertsFor(decision)});
      if (!waiting) return;  // as before: the decision that is kept says it already
      lead.update_time = now_;
      Tell(item, lead, *waiting);
    } else if (lead.waiting_since) {  // kept: it waited for somebody else, whom no rule asks for any more
      Give(item, lead, GrantOf(id, decision));
    }
    Keep(lead, id, std::move(decision));
  }

  // Gives a lead to a person whom somebody has named. EMPLOYEE_NOT_FOUND, EMPLOYEE_NOT_ACTIVE,
  // EMPLOYEE_AT_CAPACITY; LEAD_NOT_OPEN.
  template <class Item>
  absl::Status DecideFor(Item& item, Lead& lead, const Uuid& employee_id) {
    if (absl::Status status = MayTake(lead, employee_id); !status.ok()) return status;
    const Uuid id = Uuid::New();
    Decision decision;
    decision.phase = PhaseOf(lead.verdict);
    decision.outcome = AssignmentOutcome::kAssigned;
    decision.chosen_id = employee_id;
    decision.tie_break = "given by hand";
    AssignmentGrant grant = GrantOf(id, decision);
    grant.strategy = "MANUAL";
    Give(item, lead, grant);
    Keep(lead, id, std::move(decision));
    return absl::OkStatus();
  }

  // False when somebody was faster.
  bool Save();

 private:
  template <class Item>
  void Give(Item& item, Lead& lead, const AssignmentGrant& grant) {
    const auto assigned = AssignTo(lead, grant);
    if (!assigned.ok()) return;
    CancelFollowUp(item, lead);
    if (HoldsCapacity(lead)) roster_.Release(lead.owner_id);
    roster_.Take(grant.owner_id, now_);
    lead.update_time = now_;
    Tell(item, lead, *assigned);
    if (const auto schedule = schedules_.find(grant.assignment_id); schedule != schedules_.end())
      item.Schedule(FollowUpJob(lead.id, {schedule->second, FollowUpStep::kHalf}));
  }

  absl::Status MayTake(const Lead& lead, const Uuid& employee_id) const;
  AssignmentGrant GrantOf(const Uuid& assignment_id, const Decision& decision);
  std::vector<Uuid> AlertsFor(const Decision& decision) const;
  void Keep(const Lead& lead, const Uuid& id, Decision decision);
  const WorkCalendar& CalendarOf(const std::string& time_zone);

  AssignmentStore store_;
  LeadStore lead_store_;
  WorkloadStore workload_;
  const absl::Time now_;
  work::Tracked<Lead>& leads_;
  Roster roster_;
  std::vector<AssignmentRule> rules_;
  std::map<Uuid, std::string> org_paths_;
  std::vector<StoredDecision> decisions_;
  std::map<Uuid, FollowUpSchedule> schedules_;  // by assignment
  std::map<std::string, WorkCalendar> calendars_;
};

}  // namespace crm::customer
