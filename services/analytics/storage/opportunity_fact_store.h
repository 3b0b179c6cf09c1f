#pragma once
#include <vector>

#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/analytics/domain/opportunity_fact.h"

namespace crm::analytics {

// What is kept of opportunities, read and written as sets. Not thread safe.
class OpportunityFactStore {
 public:
  explicit OpportunityFactStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<OpportunityFact> Load(const std::vector<Uuid>& ids);

  // False when a row has changed since it was loaded.
  bool Save(const work::Tracked<OpportunityFact>& facts);

  // Stages already known stay as they are.
  void AddStages(const std::vector<Stage>& stages);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::analytics
