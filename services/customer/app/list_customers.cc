#include "services/customer/app/list_customers.h"

#include <set>

#include "common/base/text.h"
#include "common/status/errors.h"
#include "common/work/gather.h"

namespace crm::customer {
namespace {

std::vector<std::string> MatchKeys(const std::vector<std::string>& names) {
  std::vector<std::string> keys;
  for (const std::string& name : names) keys.push_back(text::CompanyKey(name));
  return work::Distinct(std::move(keys));
}

}  // namespace

absl::StatusOr<std::vector<Customer>> CustomersLike(db::Pool& pool,
                                                    const work::Request<ListCustomers>& request) {
  const auto& [caller, query, once] = request;
  const auto scope = auth::Scope::Of(*caller.principal, "customer:read");
  std::vector<Customer> customers;
  const absl::Status read = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    customers = CustomerFinder(tx).List(scope, query.filter, query.before, query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return customers;
}

absl::StatusOr<std::vector<Customer>> CustomersNamed(db::Pool& pool,
                                                     const work::Request<BatchGetCustomers>& request) {
  const auto& [caller, query, once] = request;
  const auto scope = auth::Scope::Of(*caller.principal, "customer:read");
  std::vector<Customer> customers;
  const absl::Status read = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    CustomerFinder finder(tx);
    customers = finder.Named(scope, query.ids, query.external_ids);
    std::set<Uuid> known;
    for (const Customer& customer : customers) known.insert(customer.id);
    for (Customer& namesake : finder.Called(scope, MatchKeys(query.names)))
      if (known.insert(namesake.id).second) customers.push_back(std::move(namesake));
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return customers;
}

absl::StatusOr<std::vector<FoundCustomer>> FindCustomers(db::Pool& pool,
                                                         const work::Request<SearchCustomers>& request) {
  const auto& [caller, query, once] = request;
  const SearchTerms terms = TermsOf(query.query);
  if (terms.grams.empty()) {
    errors::Violations violations;
    violations.Add("query", "TOO_SHORT", "must have a word of two letters or one Chinese character");
    return violations.ToStatus();
  }
  const auto scope = auth::Scope::Of(*caller.principal, "customer:read");
  std::vector<FoundCustomer> found;
  const absl::Status read = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    found = CustomerFinder(tx).Search(scope, terms, query.after, query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return found;
}

}  // namespace crm::customer
