#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/imports/importer.h"
#include "services/opportunity/app/name_book.h"
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
// which its moves record. A known external id brings its opportunity up to date.
class OpportunityRows {
 public:
  using Store = ImportStore;
  static constexpr std::string_view kIds = "opportunity-import:";
  struct Batch {
    std::vector<ImportRow> rows;
    ImportReferences names;  // of other services, that the rows name
  };

  OpportunityRows(const Peers& peers, OpportunityFile file)
      : file_(std::move(file)),
        customers_(peers.customers_by_name),
        owners_(peers.employees_by_name),
        leads_(peers.leads_by_external_id) {}

  // SALES_PROCESS_NOT_FOUND.
  absl::Status Open(OpportunityImport& import, db::Transaction& tx);
  absl::Status ReadHeader(const std::vector<std::string>& header);
  void Read(const CsvRecord& record, absl::Time now, Batch& batch) const;
  absl::Status Prepare(const work::Caller& caller, const OpportunityImport& import, Batch& batch);
  bool Take(imports::Item& item, const Batch& batch, OpportunityImport& import, db::Transaction& tx) const;

 private:
  OpportunityFile file_;
  NameBook customers_, owners_, leads_;  // of Prepare alone
  SalesProcess process_;
  std::optional<ImportColumns> columns_;
  std::size_t column_count_ = 0;
};

using OpportunityImporter = imports::Importer<OpportunityRows>;

}  // namespace crm::opportunity
