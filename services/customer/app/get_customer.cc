#include "services/customer/app/get_customer.h"

#include "common/work/get.h"
#include "services/customer/storage/customer_store.h"

namespace crm::customer {

std::vector<absl::StatusOr<Customer>> GetCustomers(db::Pool& pool,
                                                   absl::Span<const work::Request<GetCustomer>> requests) {
  return work::GetVisible<Customer>(
      pool, requests, "customer:read",
      [](db::Transaction& tx, const auto& ids) { return CustomerStore(tx).Load(ids); });
}

}  // namespace crm::customer
