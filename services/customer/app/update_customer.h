#pragma once
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/domain/customer.h"

namespace crm::customer {

struct UpdateCustomer {
  Uuid id;
  std::optional<std::int64_t> etag;  // the version that the caller has read
  CustomerPatch patch;
};

// Replies with the Customer as it is now; what changes nothing is no event. Items fail with
// CUSTOMER_NOT_FOUND (it or its parent), STALE_ETAG, CUSTOMER_ALREADY_EXISTS (an identifier), PARENT_LOOP.
std::vector<work::Outcome> UpdateCustomers(work::UnitOfWork& work,
                                           absl::Span<const work::Request<UpdateCustomer>> requests);

}  // namespace crm::customer
