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
  std::optional<Uuid> owner_id, org_unit_id;
  std::optional<Lifecycle> lifecycle;
  std::optional<std::string> external_id;
};

// Where a page of a search ended.
struct FoundPosition {
  int rank = -1;
  std::string match_key;
  Uuid id;
};

struct FoundCustomer {
  Customer customer;
  FoundPosition position;
};

// Reads pages of customers that lie in a scope.
class CustomerFinder {
 public:
  explicit CustomerFinder(db::Transaction& tx) : tx_(tx) {}

  // Newest first, behind `before` (nil: from the newest).
  std::vector<Customer> List(const auth::Scope& scope, const CustomerFilter& filter, const Uuid& before,
                             int limit);

  // First who is called so (rank 0), then whose name begins so (1), then the others (2); by name among
  // equals; behind `after`. `terms` has grams.
  std::vector<FoundCustomer> Search(const auth::Scope& scope, const SearchTerms& terms,
                                    const FoundPosition& after, int limit);

  // Those that have one of these ids or external ids.
  std::vector<Customer> Named(const auth::Scope& scope, const std::vector<Uuid>& ids,
                              const std::vector<std::string>& external_ids);

  // Of each match key ten at most, the oldest.
  std::vector<Customer> Called(const auth::Scope& scope, const std::vector<std::string>& match_keys);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::customer
