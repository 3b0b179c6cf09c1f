#pragma once
#include <vector>

#include "common/db/transaction.h"
#include "services/contract_credit/domain/payment.h"

namespace crm::contract {

// Payments with their allocations. They are part of their contract's aggregate: its version guards them, so
// that these writes need no guard of their own. Not thread safe.
class PaymentStore {
 public:
  explicit PaymentStore(db::Transaction& tx) : tx_(tx) {}

  // Two statements. Those that do not exist are left out.
  std::vector<Payment> Load(const std::vector<Uuid>& contract_ids, const std::vector<Uuid>& ids);

  // A contract's payments before `before` (nil: from the newest), newest first.
  std::vector<Payment> List(const Uuid& contract_id, const Uuid& before, int limit);

  void Insert(const std::vector<Payment>& payments);
  void MarkReversed(const std::vector<Payment>& payments);

 private:
  void ReadAllocations(std::vector<Payment>& payments);

  db::Transaction& tx_;
};

}  // namespace crm::contract
