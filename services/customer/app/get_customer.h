#pragma once
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/work/batch.h"
#include "services/customer/domain/customer.h"

namespace crm::customer {

struct GetCustomer {
  Uuid id;
};

// One statement for all. Items fail with CUSTOMER_NOT_FOUND, also when out of the caller's sight.
std::vector<absl::StatusOr<Customer>> GetCustomers(db::Pool& pool,
                                                   absl::Span<const work::Request<GetCustomer>> requests);

}  // namespace crm::customer
