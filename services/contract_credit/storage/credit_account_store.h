#pragma once
#include <vector>

#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/contract_credit/domain/credit_account.h"

namespace crm::contract {

// Credit accounts, read and written as sets: one statement per call, none for an empty set. Not thread safe.
class CreditAccountStore {
 public:
  explicit CreditAccountStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<CreditAccount> Load(const std::vector<Uuid>& ids);
  std::vector<CreditAccount> Get(const std::vector<Uuid>& ids);

  // Inserts what is new and updates what has changed, in the order of ids. False when a row has changed since
  // it was loaded. An account past its ceiling is refused by the database (23514).
  bool Save(const work::Tracked<CreditAccount>& accounts);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::contract
