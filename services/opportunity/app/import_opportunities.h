#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/imports/importer.h"
#include "services/opportunity/clients/peers.h"
#include "services/opportunity/domain/import_row.h"
#include "services/opportunity/storage/import_store.h"

namespace crm::opportunity {

// How a file of opportunities is read, and the process whose stages it names.
struct OpportunityFile {
  std::map<std::string, std::string> mapping{};  // field → column
  ImportFormat format{};
  std::string process_key{};  // empty = kStandardProcess
};

// The rows of a file of opportunities, for imports::Importer: history with its real times, past all gates,
// which its moves record. A known external id is a duplicate.
class OpportunityRows {
 public:
  using Store = ImportStore;
  static constexpr std::string_view kIds = "opportunity-import:";
  struct Batch {
    std::vector<ImportRow> rows;
    ImportReferences names;  // of other services, that the rows name
  };

  OpportunityRows(const Peers& peers, OpportunityFile file) : peers_(peers), file_(std::move(file)) {}

  // SALES_PROCESS_NOT_FOUND.
  absl::Status Open(OpportunityImport& import, db::Transaction& tx);
  absl::Status ReadHeader(const std::vector<std::string>& header);
  void Read(const CsvRecord& record, absl::Time now, Batch& batch) const;
  absl::Status Prepare(const work::Caller& caller, const OpportunityImport& import, Batch& batch) const;
  bool Take(imports::Item& item, const Batch& batch, OpportunityImport& import, db::Transaction& tx) const;

 private:
  const Peers& peers_;
  OpportunityFile file_;
  SalesProcess process_;
  std::optional<ImportColumns> columns_;
  std::size_t column_count_ = 0;
};

using OpportunityImporter = imports::Importer<OpportunityRows>;

}  // namespace crm::opportunity
