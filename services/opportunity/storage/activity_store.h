#pragma once
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/opportunity/domain/queries.h"
#include "services/opportunity/storage/page.h"

namespace crm::opportunity {

// Activities in the database, as sets: one statement per call, none for an empty set.
class ActivityStore {
 public:
  explicit ActivityStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<Activity> Load(const std::vector<Uuid>& ids);
  // Earliest first.
  std::vector<Activity> List(const auth::Scope& scope, const ActivityFilter& filter, const Page& page);
  // False when a row has changed since it was loaded.
  bool Save(const work::Tracked<Activity>& activities);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::opportunity
