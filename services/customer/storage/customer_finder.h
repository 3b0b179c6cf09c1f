#pragma once
#include <optional>
#include <string>
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "services/customer/domain/customer.h"
#include "services/customer/domain/customer_search.h"

namespace crm::customer {

// What a list is narrowed to; an empty field narrows nothing.
struct CustomerFilter {
  std::optional<Uuid> owner_id, parent_id;
  std::optional<CustomerKind> kind;
  std::optional<Lifecycle> lifecycle;
  std::optional<Grade> grade;
};

// Where the page before ended, for a search: names in order.
struct NamePosition {
  std::string match_key;
  Uuid id;
};

// Reads pages of customers that lie in a scope.
class CustomerFinder {
 public:
  explicit CustomerFinder(db::Transaction& tx) : tx_(tx) {}

  // Newest first, behind `before` (nil: from the newest).
  std::vector<Customer> List(const auth::Scope& scope, const CustomerFilter& filter, const Uuid& before, int limit);

  // By name, behind `after`. `terms` has grams.
  std::vector<Customer> Search(const auth::Scope& scope, const SearchTerms& terms, const NamePosition& after,
                               int limit);

  std::vector<Customer> FindByExternalIds(const std::vector<std::string>& external_ids);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::customer
