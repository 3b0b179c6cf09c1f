#pragma once
#include "common/schedule/scheduler.h"
#include "common/work/unit_of_work.h"
#include "services/customer/clients/follow_up_plans.h"

namespace crm::customer {

// What this service does when its jobs are due: leads are assigned, those that wait are tried again,
// follow-up deadlines take their steps. Before the scheduler starts.
void RunDueJobs(schedule::Scheduler& scheduler, work::UnitOfWork& work, FindPlans find_plans);

}  // namespace crm::customer
