#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/app/create_customer.h"

namespace crm::customer {

struct UpsertCustomer {
  CreateCustomer customer;  // its profile has an external id
};

// Creates, or brings the customer with this external id up to date: what is given replaces what was, what is
// empty stays. Replies with the Customer. Items fail with CUSTOMER_NOT_FOUND (the parent),
// EMPLOYEE_NOT_FOUND, ORG_UNIT_NOT_FOUND, CUSTOMER_ALREADY_EXISTS (an identifier), PARENT_LOOP.
std::vector<work::Outcome> UpsertCustomers(work::UnitOfWork& work,
                                           absl::Span<const work::Request<UpsertCustomer>> requests);

}  // namespace crm::customer
