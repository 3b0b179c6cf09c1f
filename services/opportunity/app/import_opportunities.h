#pragma once
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/opportunity/clients/peers.h"
#include "services/opportunity/domain/import_row.h"

namespace crm::opportunity {

struct StartImport {
  Uuid id;
  std::string name;
};
struct ImportRows {
  Uuid import_id;
  std::string process_key;  // empty = kStandardProcess
  ImportFormat format;
  std::vector<ImportRow> rows;    // by line
  std::vector<Finding> findings;  // on the file as a whole
  std::string content_hash;       // up to the last of the rows
};
struct EndImport {
  Uuid import_id;
  OpportunityImport::State state = OpportunityImport::State::kSucceeded;
  std::string failure;
};

// All reply with the OpportunityImport.

// Begins an import, or goes on with the one of this id; one that has ended stays as it is. IMPORT_NOT_FOUND
// when the id is somebody else's.
std::vector<work::Outcome> StartImports(work::UnitOfWork& work,
                                        absl::Span<const work::Request<StartImport>> requests);

// Imports the rows behind the import's committed line, and counts them, in one transaction: history with its
// real times, past all gates, which its moves record. A known external id is a duplicate. Fails with
// IMPORT_NOT_FOUND, SALES_PROCESS_NOT_FOUND, and when names cannot be looked up.
work::Outcome ImportOpportunityRows(work::UnitOfWork& work, const Peers& peers,
                                    const work::Request<ImportRows>& request);

// Ends an import that is running.
std::vector<work::Outcome> EndImports(work::UnitOfWork& work,
                                      absl::Span<const work::Request<EndImport>> requests);

}  // namespace crm::opportunity
