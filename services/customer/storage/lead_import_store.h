#pragma once
#include <vector>

#include "common/auth/scope.h"
#include "common/imports/store.h"
#include "services/customer/domain/lead_import.h"

namespace crm::customer {

// What imports of leads have of their own.
struct LeadImportTable {
  using Import = LeadImport;
  static constexpr imports::Table kTable = CRM_IMPORT_TABLE("lead_import", "mapping, attribute_columns");
  static void ReadOwn(db::Row& row, LeadImport& import);
  static std::array<db::Param, 2> OwnOf(const LeadImport& import);
};

// Imports and their rejected rows. Not thread safe.
class LeadImportStore : public imports::Store<LeadImportTable> {
 public:
  using Store::Store;

  void AppendRejects(const Uuid& import_id, const std::vector<RejectedRow>& rows);

  // Newest first, behind (create time, id).
  std::vector<LeadImport> List(const auth::Scope& scope, absl::Time before_time, const Uuid& before_id,
                               int limit);
  // By line, behind `after_line`.
  std::vector<RejectedRow> ListRejects(const Uuid& import_id, std::int64_t after_line, int limit);
};

}  // namespace crm::customer
