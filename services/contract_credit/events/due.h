#pragma once
#include "common/schedule/scheduler.h"
#include "common/work/unit_of_work.h"

namespace crm::contract {

// What this service does when its jobs are due: instalments are announced. Before the scheduler starts.
void RunDueJobs(schedule::Scheduler& scheduler, work::UnitOfWork& work);

}  // namespace crm::contract
