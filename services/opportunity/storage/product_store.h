#pragma once
#include <map>
#include <string>
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/opportunity/domain/product.h"
#include "services/opportunity/storage/page.h"

namespace crm::opportunity {

// Products in the database, as sets: one statement per call, none for an empty set.
class ProductStore {
 public:
  explicit ProductStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<Product> Load(const std::vector<Uuid>& ids);
  // Code → id, of those that exist.
  std::map<std::string, Uuid> FindByCode(const std::vector<std::string>& codes);
  // Products whose name or code reads as one of these (see ProductKey).
  std::vector<Product> FindByMatchKey(const std::vector<std::string>& match_keys);
  // Newest first.
  std::vector<Product> List(const auth::Scope& scope, const Page& page);
  // False when a code has been taken meanwhile.
  bool Insert(const work::Tracked<Product>& products);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::opportunity
