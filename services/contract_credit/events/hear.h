#pragma once
#include "common/stream/consumer.h"
#include "common/work/unit_of_work.h"
#include "services/contract_credit/clients/ask_customers.h"

namespace crm::contract {

// What this service does about what it hears: QuoteAccepted drafts a contract, for which a customer whose
// events are still on their way is asked for; customers' events keep their names and time zones.
void Hear(stream::Consumer& consumer, work::UnitOfWork& work, db::Pool& pool, const AskCustomers& ask);

}  // namespace crm::contract
