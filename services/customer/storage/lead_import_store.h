#pragma once
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/customer/domain/lead_import.h"

namespace crm::customer {

// Imports and their rejected rows. Not thread safe.
class LeadImportStore {
 public:
  explicit LeadImportStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<LeadImport> Load(const std::vector<Uuid>& ids);
  bool Save(const work::Tracked<LeadImport>& imports);
  void AppendRejects(const Uuid& import_id, const std::vector<RejectedRow>& rows);

  // Newest first, behind (create time, id).
  std::vector<LeadImport> List(const auth::Scope& scope, absl::Time before_time, const Uuid& before_id,
                               int limit);
  // By line, behind `after_line`.
  std::vector<RejectedRow> ListRejects(const Uuid& import_id, std::int64_t after_line, int limit);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::customer
