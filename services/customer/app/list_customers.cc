#include "services/customer/app/list_customers.h"

#include "services/customer/app/find.h"
#include "services/customer/storage/customer_store.h"

namespace crm::customer {

absl::StatusOr<std::vector<Customer>> CustomersLike(db::Pool& pool, const work::Request<ListCustomers>& request) {
  const auto& [caller, query, once] = request;
  const auto scope = auth::Scope::Of(*caller.principal, "customer:read");
  std::vector<Customer> customers;
  const absl::Status read = db::RunReads(pool, caller.deadline, [&](db::Transaction& tx) {
    customers = CustomerFinder(tx).List(scope, query.filter, query.before, query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return customers;
}

absl::StatusOr<std::vector<Customer>> FindCustomers(db::Pool& pool, const work::Request<SearchCustomers>& request) {
  const auto& [caller, query, once] = request;
  const SearchTerms terms = TermsOf(query.query);
  if (terms.grams.empty()) {
    errors::Violations violations;
    violations.Add("query", "TOO_SHORT", "must have a word of two letters or one Chinese character");
    return violations.ToStatus();
  }
  const auto scope = auth::Scope::Of(*caller.principal, "customer:read");
  std::vector<Customer> customers;
  const absl::Status read = db::RunReads(pool, caller.deadline, [&](db::Transaction& tx) {
    customers = CustomerFinder(tx).Search(scope, terms, query.after, query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return customers;
}

absl::StatusOr<std::vector<LifecycleMove>> MovesOf(db::Pool& pool, const work::Request<ListLifecycleMoves>& request) {
  const auto& [caller, query, once] = request;
  std::vector<LifecycleMove> moves;
  const absl::Status read = db::RunReads(pool, caller.deadline, [&](db::Transaction& tx) {
    CustomerStore store(tx);
    auto customers = store.Load({query.customer_id});
    const Customer* customer = customers.Find(query.customer_id);
    if (customer == nullptr || !Sees(caller, "customer:read", {customer->owner_id, customer->org_unit_id}))
      return errors::NotFound("customer", query.customer_id.ToString());
    moves = store.Moves(query.customer_id);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return moves;
}

}  // namespace crm::customer
