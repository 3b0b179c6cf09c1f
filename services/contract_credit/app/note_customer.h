#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/contract_credit/storage/customer_reference_store.h"

namespace crm::contract {

// Keeps what customers' events tell, to address them by and to count their days. Replies with nothing.
std::vector<work::Outcome> NoteCustomers(work::UnitOfWork& work,
                                         absl::Span<const work::Request<CustomerReference>> requests);

}  // namespace crm::contract
