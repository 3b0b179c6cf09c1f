#pragma once
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/db/transaction.h"
#include "services/contract_credit/domain/customer_reference.h"

namespace crm::contract {

// What customers' events have told. One statement per call, none for an empty set. Not thread safe.
class CustomerReferenceStore {
 public:
  explicit CustomerReferenceStore(db::Transaction& tx) : tx_(tx) {}

  absl::flat_hash_map<Uuid, CustomerReference> Load(const std::vector<Uuid>& ids);

  // The last of each id counts. A customer's events come one after the other, so that none overtakes another.
  void Save(const std::vector<CustomerReference>& customers);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::contract
