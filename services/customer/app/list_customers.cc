#include "services/customer/app/list_customers.h"

#include <set>

#include "common/base/text.h"
#include "common/status/errors.h"
#include "common/work/get.h"

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
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  const auto scope = auth::Scope::Of(*caller.principal, "customer:read");
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return CustomerFinder(tx).List(scope, query.filter, query.before, query.limit);
  });
}

absl::StatusOr<std::vector<Customer>> CustomersNamed(db::Pool& pool,
                                                     const work::Request<BatchGetCustomers>& request) {
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  const auto scope = auth::Scope::Of(*caller.principal, "customer:read");
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    CustomerFinder finder(tx);
    std::vector<Customer> customers = finder.Named(scope, query.ids, query.external_ids);
    std::set<Uuid> known;
    for (const Customer& customer : customers) known.insert(customer.id);
    for (Customer& namesake : finder.Called(scope, MatchKeys(query.names)))
      if (known.insert(namesake.id).second) customers.push_back(std::move(namesake));
    return customers;
  });
}

absl::StatusOr<std::vector<FoundCustomer>> FindCustomers(db::Pool& pool,
                                                         const work::Request<SearchCustomers>& request) {
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  const SearchTerms terms = TermsOf(query.query);
  if (terms.grams.empty()) {
    errors::Violations violations;
    violations.Add("query", "TOO_SHORT", "must have a word of two letters or one Chinese character");
    return violations.ToStatus();
  }
  const auto scope = auth::Scope::Of(*caller.principal, "customer:read");
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return CustomerFinder(tx).Search(scope, terms, query.after, query.limit);
  });
}

}  // namespace crm::customer
