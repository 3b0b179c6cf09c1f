#include "services/customer/app/follow_up_lead.h"

#include <map>
#include <optional>

#include "common/work/gather.h"
#include "services/customer/app/lead_jobs.h"
#include "services/customer/storage/assignment_store.h"
#include "services/customer/storage/directory_store.h"
#include "services/customer/storage/lead_store.h"
#include "services/customer/storage/workload_store.h"

namespace crm::customer {
namespace {

// Whoever let a lead slip is not given it again for so long.
constexpr absl::Duration kCooldown = absl::Hours(24 * 7);

// What the steps of one batch change beside the leads.
struct Reclaimed {
  std::vector<Uuid> leads;
  std::map<Uuid, int> places;  // by owner
};

using Plans = std::map<Uuid, std::vector<Plan>>;  // by lead

// Asks for the leads whose deadline is about to be missed.
Plans AskForPlans(const FindPlans& find_plans, absl::Span<const work::Request<TakeFollowUpStep>> requests) {
  std::vector<Uuid> leads;
  for (const auto& request : requests)
    if (request.command.due.step == FollowUpStep::kDeadline) leads.push_back(request.command.lead_id);
  if (!find_plans || leads.empty()) return {};
  return find_plans(work::Distinct(std::move(leads)));
}

// The plan that was made in time for this deadline, if any.
std::optional<Plan> InTime(const Plans& plans, const TakeFollowUpStep& step) {
  const auto found = plans.find(step.lead_id);
  if (found == plans.end()) return std::nullopt;
  for (const Plan& plan : found->second)
    if (plan.committed >= step.due.schedule.start && plan.committed <= step.due.schedule.deadline)
      return plan;
  return std::nullopt;
}

template <class Item>
void TakeStep(Item& item, Lead& lead, const FollowUpDue& due, const Uuid& manager_id, absl::Time now,
              Reclaimed& reclaimed) {
  const Uuid assignment_id = due.schedule.assignment_id;
  const auto tell = [&](const auto& event) {
    if (!event) return false;
    lead.update_time = now;
    Tell(item, lead, *event);
    return true;
  };
  bool taken = false;
  switch (due.step) {
    case FollowUpStep::kHalf:
      taken = tell(Remind(lead, assignment_id, 50));
      break;
    case FollowUpStep::kMost:
      taken = tell(Remind(lead, assignment_id, 80));
      break;
    case FollowUpStep::kDeadline:
      taken = tell(MissFollowUp(lead, assignment_id, manager_id));
      break;
    case FollowUpStep::kGraceEnd: {
      const Uuid owner_id = lead.owner_id;
      if (!tell(Reclaim(lead, assignment_id, now + kCooldown))) break;
      reclaimed.leads.push_back(lead.id);
      ++reclaimed.places[owner_id];
      item.Schedule(AssignLeadJob(lead.id, now));
      break;
    }
  }
  if (!taken) return;
  if (const auto next = Next(due.schedule, due.step))
    item.Schedule(FollowUpJob(lead.id, {due.schedule, *next}));
}

}  // namespace

std::vector<work::Outcome> TakeFollowUpSteps(work::UnitOfWork& work, const FindPlans& find_plans,
                                             absl::Span<const work::Request<TakeFollowUpStep>> requests) {
  const Plans plans = AskForPlans(find_plans, requests);
  return work.Run<TakeFollowUpStep>(requests, [&plans](work::Batch<TakeFollowUpStep>& batch,
                                                       db::Transaction& tx) {
    LeadStore store(tx);
    const auto ids = work::Gather(batch, [](const TakeFollowUpStep& command) { return command.lead_id; });
    auto leads = store.Load(ids);
    std::vector<Uuid> owner_ids;
    for (const Uuid& id : ids)
      if (const Lead* lead = leads.Find(id)) owner_ids.push_back(lead->owner_id);
    auto owners = DirectoryStore(tx).LoadEmployees(work::Distinct(std::move(owner_ids)));

    Reclaimed reclaimed;
    for (auto& item : batch.items()) {
      Lead* lead = leads.Find(item->lead_id);
      if (lead == nullptr) continue;
      if (const auto plan = InTime(plans, *item)) {
        if (const auto started = StartWork(*lead, plan->activity_id, plan->committed)) {
          lead->update_time = batch.now();
          Tell(item, *lead, *started);
        }
        continue;
      }
      const Employee* owner = owners.Find(lead->owner_id);
      TakeStep(item, *lead, item->due, owner == nullptr ? Uuid() : owner->manager_id, batch.now(), reclaimed);
    }
    if (!store.Save(leads)) return batch.Guard(false);
    WorkloadStore(tx).Release(reclaimed.places);
    AssignmentStore(tx).End(reclaimed.leads);
  });
}

std::vector<work::Outcome> PlanFollowUps(work::UnitOfWork& work,
                                         absl::Span<const work::Request<PlanFollowUp>> requests) {
  return work.Run<PlanFollowUp>(requests, [](work::Batch<PlanFollowUp>& batch, db::Transaction& tx) {
    LeadStore store(tx);
    auto leads = store.Load(work::Gather(batch, [](const PlanFollowUp& command) { return command.lead_id; }));
    for (auto& item : batch.items()) {
      Lead* lead = leads.Find(item->lead_id);
      if (lead == nullptr) continue;
      const bool pending = lead->follow_up == FollowUp::kPending;
      const auto withdrawn = WithdrawMiss(*lead, item->activity_id, item->committed);
      if (withdrawn) Tell(item, *lead, *withdrawn);
      const auto started = StartWork(*lead, item->activity_id, item->committed);
      if (started) Tell(item, *lead, *started);
      if (!withdrawn && !started) continue;
      lead->update_time = batch.now();
      // Behind the deadline a plan no longer undoes the miss, but the lead stays with its owner.
      if (pending || withdrawn || lead->planned_time) item.CancelJob(FollowUpJobKey(lead->assignment_id));
    }
    batch.Guard(store.Save(leads));
  });
}

}  // namespace crm::customer
