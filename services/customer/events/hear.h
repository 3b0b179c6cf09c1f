#pragma once
#include "common/stream/consumer.h"
#include "common/work/unit_of_work.h"

namespace crm::customer {

// What this service does about the events of others: ActivityScheduled on a lead is a follow-up plan, when
// its owner is to do it; ContractActivated moves the customer to ORDERING. Before the consumer starts.
void Hear(stream::Consumer& consumer, work::UnitOfWork& work);

}  // namespace crm::customer
