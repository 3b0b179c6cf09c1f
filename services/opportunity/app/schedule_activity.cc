#include "services/opportunity/app/schedule_activity.h"

#include "common/work/find.h"
#include "services/opportunity/app/prepare.h"
#include "services/opportunity/storage/activity_store.h"
#include "services/opportunity/storage/opportunity_store.h"

namespace crm::opportunity {
namespace {

auto SubjectOf(Activity::Subject subject) {
  return
      [subject](const ScheduleActivity& c) { return c.plan.subject == subject ? c.plan.subject_id : Uuid(); };
}

void Script(work::Batch<ScheduleActivity>& batch, db::Transaction& tx) {
  auto opportunities = OpportunityStore(tx).Load(Gather(batch, SubjectOf(Activity::Subject::kOpportunity)));

  work::Tracked<Activity> activities;
  for (auto& item : batch.items()) {
    ActivityScheduled scheduled = Schedule(*item, batch.now());
    Activity& plan = scheduled.activity;
    const auth::Principal& caller = *item.caller().principal;
    plan.id = Uuid::New();
    if (plan.owner_id.nil()) plan.owner_id = caller.id;
    if (plan.org_unit_id.nil()) plan.org_unit_id = caller.org_unit_id;
    if (plan.subject == Activity::Subject::kOpportunity) {
      const Opportunity* o =
          Find(item, opportunities, {"activity.subject_id", plan.subject_id}, "opportunity:read");
      if (o == nullptr) continue;
      plan.customer_id = o->customer_id;
    }
    if (plan.subject == Activity::Subject::kCustomer) plan.customer_id = plan.subject_id;
    Activity& added = activities.AddNew(plan);
    item.Emit(added, scheduled);
    item.Succeed(added);
  }
  batch.Guard(ActivityStore(tx).Save(activities));
}

}  // namespace

std::vector<work::Outcome> ScheduleActivities(work::UnitOfWork& work, const Peers& peers,
                                              absl::Span<const work::Request<ScheduleActivity>> requests) {
  const auto only_exists = [](ScheduleActivity&, const std::string&) {};
  Prepare<ScheduleActivity> prepare(requests);
  prepare.Name(peers.leads, "lead", "activity.subject_id", SubjectOf(Activity::Subject::kLead), only_exists);
  prepare.Name(peers.customers, "customer", "activity.subject_id", SubjectOf(Activity::Subject::kCustomer),
               only_exists);
  prepare.Name(
      peers.employees, "employee", "activity.owner_id",
      [](const ScheduleActivity& c) { return c.plan.owner_id; }, only_exists);
  prepare.Name(
      peers.org_units, "org_unit", "activity.org_unit_id",
      [](const ScheduleActivity& c) { return c.plan.org_unit_id; }, only_exists);
  prepare.Name(peers.contracts, "contract", "activity.subject_id", SubjectOf(Activity::Subject::kContract),
               only_exists);
  return work.Run<ScheduleActivity>(prepare.requests(), Script);
}

}  // namespace crm::opportunity
