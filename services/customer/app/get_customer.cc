#include "services/customer/app/get_customer.h"

#include "services/customer/app/find.h"
#include "services/customer/app/gather.h"
#include "services/customer/storage/customer_store.h"

namespace crm::customer {

std::vector<absl::StatusOr<Customer>> GetCustomers(db::Pool& pool,
                                                   absl::Span<const work::Request<GetCustomer>> requests) {
  std::vector<Uuid> ids;
  for (const auto& request : requests) ids.push_back(request.command.id);

  work::Tracked<Customer> customers;
  const absl::Status read = db::RunReads(pool, LatestDeadline(requests), [&](db::Transaction& tx) {
    customers = CustomerStore(tx).Load(Distinct(std::move(ids)));
    return absl::OkStatus();
  });

  std::vector<absl::StatusOr<Customer>> answers;
  for (const auto& [caller, query, once] : requests) {
    const Customer* customer = customers.Find(query.id);
    if (!read.ok())
      answers.push_back(read);
    else if (customer == nullptr || !Sees(caller, "customer:read", {customer->owner_id, customer->org_unit_id}))
      answers.push_back(errors::NotFound("customer", query.id.ToString()));
    else
      answers.push_back(*customer);
  }
  return answers;
}

}  // namespace crm::customer
