#pragma once
#include <optional>
#include <vector>

#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/opportunity/domain/queries.h"

namespace crm::opportunity {

// Imports and their findings.
class ImportStore {
 public:
  explicit ImportStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<OpportunityImport> Load(const std::vector<Uuid>& ids);
  // False when the import has gone on meanwhile.
  bool Save(const work::Tracked<OpportunityImport>& imports);

  void AppendFindings(const Uuid& import_id, const std::vector<Finding>& findings);
  // By line.
  std::vector<Finding> ListFindings(const Uuid& import_id, std::optional<Finding::Kind> kind,
                                    const FindingPosition& after, int limit);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::opportunity
