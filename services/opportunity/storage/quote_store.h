#pragma once
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/opportunity/domain/queries.h"
#include "services/opportunity/storage/page.h"

namespace crm::opportunity {

// Quotes in the database, as sets: a fixed number of statements per call, none for an empty set.
class QuoteStore {
 public:
  explicit QuoteStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<Quote> Load(const std::vector<Uuid>& ids);
  // Newest first.
  std::vector<Quote> List(const auth::Scope& scope, const QuoteFilter& filter, const Page& page);
  // False when a row has changed since it was loaded.
  bool Save(const work::Tracked<Quote>& quotes);

 private:
  // Fills in lines and instalments.
  void LoadParts(const std::vector<Quote*>& quotes);
  void InsertParts(const std::vector<const Quote*>& quotes);

  db::Transaction& tx_;
};

}  // namespace crm::opportunity
