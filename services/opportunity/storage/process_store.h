#pragma once
#include <map>
#include <string>
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/opportunity/domain/sales_process.h"
#include "services/opportunity/storage/page.h"

namespace crm::opportunity {

// Sales processes in the database, as sets: a fixed number of statements per call, none for an empty set.
class ProcessStore {
 public:
  explicit ProcessStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<SalesProcess> Load(const std::vector<Uuid>& ids);
  // The newest version of each key that has one.
  std::map<std::string, SalesProcess> LoadNewest(const std::vector<std::string>& keys);
  // Newest first; an empty key is any.
  std::vector<SalesProcess> List(const auth::Scope& scope, const std::string& key, const Page& page);

  // Versions never change: inserts only. False when another has taken a number meanwhile.
  bool Insert(const work::Tracked<SalesProcess>& processes);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::opportunity
