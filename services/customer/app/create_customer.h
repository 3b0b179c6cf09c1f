#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/app/named_staff.h"
#include "services/customer/domain/customer.h"

namespace crm::customer {

struct CreateCustomer {
  CustomerProfile profile;
  Uuid owner_id, org_unit_id;  // nil: the caller's
};

// Its first state; nothing is written.
Customer NewCustomer(const CreateCustomer& command, const auth::Principal& caller, absl::Time now);

// Whether there are the owner and the unit that `command` names; otherwise the item has failed.
template <class Item>
bool OwnerIsKnown(Item& item, NamedStaff& staff, const CreateCustomer& command) {
  const bool employee_is =
      command.owner_id.nil() || staff.KnowsEmployee(item, {"customer.owner_id", command.owner_id});
  const bool unit_is =
      command.org_unit_id.nil() || staff.KnowsOrgUnit(item, {"customer.org_unit_id", command.org_unit_id});
  return employee_is && unit_is;
}

// A new customer stands at UNIDENTIFIED until something happens. Replies with the Customer. Items fail with
// CUSTOMER_NOT_FOUND (the parent), EMPLOYEE_NOT_FOUND, ORG_UNIT_NOT_FOUND, CUSTOMER_ALREADY_EXISTS (the
// external id or an identifier).
std::vector<work::Outcome> CreateCustomers(work::UnitOfWork& work,
                                           absl::Span<const work::Request<CreateCustomer>> requests);

}  // namespace crm::customer
