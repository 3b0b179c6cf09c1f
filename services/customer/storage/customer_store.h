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

// Customers in the database, read and written as sets: one statement per call, none for an empty set.
class CustomerStore {
 public:
  explicit CustomerStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<Customer> Load(const std::vector<Uuid>& ids);

  // Unique or telling names of customers → their ids.
  using IdsByName = absl::flat_hash_map<std::string, Uuid>;
  IdsByName FindByExternalId(const std::vector<std::string>& external_ids);
  IdsByName FindByMatchKey(const std::vector<std::string>& match_keys);  // the oldest of each

  // Everybody above these customers, and they themselves.
  Hierarchy LoadHierarchy(const std::vector<Uuid>& ids);

  // Inserts what is new, updates what has changed and appends how they moved. False when a row has changed
  // since it was loaded, or a new one's external id has been taken meanwhile.
  bool Save(const work::Tracked<Customer>& customers, const std::vector<LifecycleMove>& moves = {});

  // Oldest first.
  std::vector<LifecycleMove> Moves(const Uuid& customer_id);

 private:
  bool Insert(const std::vector<const Customer*>& customers);
  bool Update(const work::Tracked<Customer>& customers);
  void Append(const std::vector<LifecycleMove>& moves);

  db::Transaction& tx_;
};

}  // namespace crm::customer
