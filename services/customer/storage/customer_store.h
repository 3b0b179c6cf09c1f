#pragma once
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/customer/domain/customer.h"
#include "services/customer/domain/customer_lifecycle.h"
#include "services/customer/domain/hierarchy.h"

namespace crm::customer {

// Customers in the database, read and written as sets: one statement per table, none for an empty set.
class CustomerStore {
 public:
  explicit CustomerStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<Customer> Load(const std::vector<Uuid>& ids);

  // Who has these names.
  using Holders = absl::flat_hash_map<UniqueName, Uuid>;
  Holders FindHolders(const std::vector<UniqueName>& names);

  // Everybody above these customers, and they themselves.
  Hierarchy LoadHierarchy(const std::vector<Uuid>& ids);

  // Inserts what is new, updates what has changed and appends how they moved. `renamed` are those of the
  // changed whose unique names are others now. False when a row has changed since it was loaded, or a name
  // has been taken meanwhile.
  bool Save(const work::Tracked<Customer>& customers, const std::vector<LifecycleMove>& moves,
            const std::vector<const Customer*>& renamed = {});

 private:
  bool InsertNames(const std::vector<const Customer*>& customers);
  void DeleteNames(const std::vector<const Customer*>& customers);
  void Append(const std::vector<LifecycleMove>& moves);

  db::Transaction& tx_;
};

}  // namespace crm::customer
