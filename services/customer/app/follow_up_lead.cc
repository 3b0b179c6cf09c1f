#include "services/customer/app/follow_up_lead.h"

#include "common/status/errors.h"
#include "common/work/gather.h"
#include "services/customer/app/freed_places.h"
#include "services/customer/app/lead_jobs.h"
#include "services/customer/storage/directory_store.h"
#include "services/customer/storage/lead_store.h"

namespace crm::customer {
namespace {

// Whoever let a lead slip is not given it again for so long.
constexpr absl::Duration kCooldown = absl::Hours(24 * 7);

// What cannot be undone when a plan is heard of late: somebody is blamed, or loses the lead.
bool AsksFirst(FollowUpStep step) {
  return step == FollowUpStep::kDeadline || step == FollowUpStep::kGraceEnd;
}

std::map<Uuid, std::vector<FollowUpPlan>> AskForPlans(
    const FindPlans& find_plans, absl::Span<const work::Request<TakeFollowUpStep>> requests) {
  std::vector<Uuid> leads;
  for (const auto& request : requests)
    if (AsksFirst(request.command.due.step)) leads.push_back(request.command.lead_id);
  if (!find_plans || leads.empty()) return {};
  return find_plans(work::Distinct(std::move(leads)));
}

// The managers of the owners of leads.
class Managers {
 public:
  Managers(db::Transaction& tx, std::vector<Uuid> owner_ids)
      : owners_(DirectoryStore(tx).LoadEmployees(work::Distinct(std::move(owner_ids)))) {}

  // Nil: none.
  Uuid Of(const Lead& lead) {
    const Employee* owner = owners_.Find(lead.owner_id);
    return owner == nullptr ? Uuid() : owner->manager_id;
  }

 private:
  work::Tracked<Employee> owners_;
};

// Makes `event`, if there is one, true and tells it.
template <class Item, class Event>
bool TellIf(Item& item, Lead& lead, const std::optional<Event>& event, absl::Time now) {
  if (!event) return false;
  lead.update_time = now;
  Tell(item, lead, *event);
  return true;
}

// Says whether the plan has ended the deadline, or begun the work.
template <class Item>
bool HearPlan(Item& item, Lead& lead, const FollowUpPlan& plan, const Uuid& manager_id, absl::Time now) {
  TellIf(item, lead, MissBefore(lead, plan, manager_id), now);
  bool counts = TellIf(item, lead, WithdrawMiss(lead, plan), now);
  counts |= TellIf(item, lead, StartWork(lead, plan), now);
  if (counts) CancelFollowUp(item, lead);
  return counts;
}

template <class Item>
void TakeStep(Item& item, Lead& lead, const FollowUpDue& due, const Uuid& manager_id, absl::Time now,
              FreedPlaces& freed) {
  const Uuid assignment_id = due.schedule.assignment_id;
  bool taken = false;
  switch (due.step) {
    case FollowUpStep::kHalf:
      taken = TellIf(item, lead, Remind(lead, assignment_id, 50), now);
      break;
    case FollowUpStep::kMost:
      taken = TellIf(item, lead, Remind(lead, assignment_id, 80), now);
      break;
    case FollowUpStep::kDeadline:
      taken = TellIf(item, lead, MissFollowUp(lead, assignment_id, manager_id), now);
      break;
    case FollowUpStep::kGraceEnd: {
      const Uuid owner_id = lead.owner_id;
      if (!TellIf(item, lead, Reclaim(lead, assignment_id, now + kCooldown), now)) break;
      freed.Add(item, lead.id, owner_id);
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
  const auto plans = AskForPlans(find_plans, requests);
  return work.Run<TakeFollowUpStep>(requests, [&](work::Batch<TakeFollowUpStep>& batch, db::Transaction& tx) {
    LeadStore store(tx);
    const auto ids = work::Gather(batch, [](const TakeFollowUpStep& command) { return command.lead_id; });
    auto leads = store.Load(ids);
    std::vector<Uuid> owner_ids;
    for (const Lead* lead : leads.All()) owner_ids.push_back(lead->owner_id);
    Managers managers(tx, std::move(owner_ids));

    FreedPlaces freed;
    for (auto& item : batch.items()) {
      Lead* lead = leads.Find(item->lead_id);
      if (lead == nullptr) continue;
      const Uuid manager_id = managers.Of(*lead);
      if (find_plans && AsksFirst(item->due.step)) {
        const auto known = plans.find(lead->id);
        if (known == plans.end()) {
          item.Fail(errors::Unavailable("FOLLOW_UP_PLANS_UNKNOWN",
                                        "the opportunity service cannot say what is planned for the lead"));
          continue;
        }
        bool counts = false;
        for (const FollowUpPlan& plan : known->second)
          counts |= HearPlan(item, *lead, plan, manager_id, batch.now());
        if (counts) continue;
      }
      TakeStep(item, *lead, item->due, manager_id, batch.now(), freed);
    }
    if (!store.Save(leads)) return batch.Guard(false);
    freed.Save(tx);
  });
}

std::vector<work::Outcome> PlanFollowUps(work::UnitOfWork& work,
                                         absl::Span<const work::Request<PlanFollowUp>> requests) {
  return work.Run<PlanFollowUp>(requests, [](work::Batch<PlanFollowUp>& batch, db::Transaction& tx) {
    LeadStore store(tx);
    auto leads = store.Load(work::Gather(batch, [](const PlanFollowUp& command) { return command.lead_id; }));
    std::vector<Uuid> late;  // whose managers have to hear of it
    for (auto& item : batch.items()) {
      const Lead* lead = leads.Find(item->lead_id);
      if (lead != nullptr && MissBefore(*lead, item->plan, Uuid())) late.push_back(lead->owner_id);
    }
    Managers managers(tx, std::move(late));
    for (auto& item : batch.items())
      if (Lead* lead = leads.Find(item->lead_id))
        HearPlan(item, *lead, item->plan, managers.Of(*lead), batch.now());
    batch.Guard(store.Save(leads));
  });
}

}  // namespace crm::customer
