#pragma once
#include <vector>

#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/analytics/domain/lead_fact.h"

namespace crm::analytics {

// What is kept of leads, read and written as sets. Not thread safe.
class LeadFactStore {
 public:
  explicit LeadFactStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<LeadFact> Load(const std::vector<Uuid>& ids);

  // False when a row has changed since it was loaded.
  bool Save(const work::Tracked<LeadFact>& facts);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::analytics
