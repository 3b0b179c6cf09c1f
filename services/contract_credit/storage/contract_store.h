#pragma once
#include <optional>
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/contract_credit/domain/contract.h"

namespace crm::contract {

// What a list of contracts is narrowed to; an empty field narrows nothing.
struct ContractFilter {
  std::optional<Uuid> customer_id = std::nullopt, owner_id = std::nullopt, quote_id = std::nullopt;
  std::optional<ContractStatus> status = std::nullopt;
  bool overdue_only = false;  // active, with an unpaid instalment whose due date has passed in its zone
};

// Behind which contract a page begins; the newest contracts come first.
struct ContractCursor {
  absl::Time create_time = absl::InfiniteFuture();
  Uuid id;
};

// Contracts with their instalments, read and written as sets. Not thread safe.
class ContractStore {
 public:
  explicit ContractStore(db::Transaction& tx) : tx_(tx) {}

  // Two statements. Ids that do not exist are left out.
  work::Tracked<Contract> Load(const std::vector<Uuid>& ids);
  std::vector<Contract> Get(const std::vector<Uuid>& ids);

  // At most `limit`, newest first. Two statements.
  std::vector<Contract> List(const auth::Scope& scope, const ContractFilter& filter,
                             const ContractCursor& after, absl::Time now, int limit);

  // Inserts what is new, updates what has changed, and writes the instalments that changed with it. False
  // when a contract has changed since it was loaded, or its quote has got one meanwhile.
  bool Save(const work::Tracked<Contract>& contracts);

 private:
  void ReadInstalments(std::vector<Contract>& contracts);
  void SaveInstalments(const std::vector<const Contract*>& added,
                       const std::vector<const work::Tracked<Contract>::Entry*>& changed);

  db::Transaction& tx_;
};

}  // namespace crm::contract
