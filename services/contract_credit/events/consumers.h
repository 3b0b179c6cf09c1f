#pragma once
#include "common/schedule/scheduler.h"
#include "common/stream/consumer.h"
#include "common/work/unit_of_work.h"

namespace crm::contract {

// What this service does about what it hears: QuoteAccepted drafts a contract; customers' events keep their
// names and time zones.
void Hear(stream::Consumer& consumer, work::UnitOfWork& work);

// What it does when its own jobs are due: instalments are announced.
void RunJobs(schedule::Scheduler& scheduler, work::UnitOfWork& work);

}  // namespace crm::contract
