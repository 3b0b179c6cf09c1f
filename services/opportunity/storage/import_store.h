#pragma once
#include <optional>
#include <vector>

#include "common/imports/store.h"
#include "services/opportunity/domain/queries.h"

namespace crm::opportunity {

// What imports of opportunities have of their own.
struct OpportunityImportTable {
  using Import = OpportunityImport;
  static constexpr imports::Table kTable =
      CRM_IMPORT_TABLE("opportunity_import", "values_repaired, values_reported");
  static void ReadOwn(db::Row& row, OpportunityImport& import);
  static std::array<db::Param, 2> OwnOf(const OpportunityImport& import);
};

// Imports and their findings. Not thread safe.
class ImportStore : public imports::Store<OpportunityImportTable> {
 public:
  using Store::Store;

  void AppendFindings(const Uuid& import_id, const std::vector<Finding>& findings);
  // By line.
  std::vector<Finding> ListFindings(const Uuid& import_id, std::optional<Finding::Kind> kind,
                                    const FindingPosition& after, int limit);
};

}  // namespace crm::opportunity
