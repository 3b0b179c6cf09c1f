#pragma once
#include "common/stream/consumer.h"
#include "common/work/unit_of_work.h"
#include "services/opportunity/clients/peers.h"

namespace crm::opportunity {

// What this service does about the events of others: LeadConverted opens an opportunity; LeadAssigned,
// LeadWaiting, LeadFollowUpMissed, LeadReclaimed, InstalmentDue, InstalmentOverdue, ContractDrafted and
// ReminderDue are told to whom they concern. Before the consumer starts; `peers` has to outlive it.
void Hear(stream::Consumer& consumer, work::UnitOfWork& work, const Peers& peers);

}  // namespace crm::opportunity
