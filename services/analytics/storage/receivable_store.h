#pragma once
#include <vector>

#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/analytics/domain/receivable.h"

namespace crm::analytics {

// What is kept of contracts and their instalments, read and written as sets. Not thread safe.
class ReceivableStore {
 public:
  explicit ReceivableStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<Receivable> Load(const std::vector<Uuid>& ids);

  // False when a row has changed since it was loaded.
  bool Save(const work::Tracked<Receivable>& receivables);

 private:
  void SaveInstalments(const std::vector<const Receivable*>& receivables);

  db::Transaction& tx_;
};

}  // namespace crm::analytics
