#pragma once
#include <optional>
#include <string>
#include <vector>

#include "common/imports/importer.h"
#include "services/customer/app/lead_intake.h"
#include "services/customer/domain/lead_row.h"
#include "services/customer/storage/lead_import_store.h"

namespace crm::customer {

// How a file of leads is read, and whose its leads are.
struct LeadFile {
  LeadFileOptions format;
  Uuid org_unit_id;      // nil: the caller's
  bool history = false;  // its leads start nothing
};

// The rows of a file of leads, for imports::Importer.
class LeadRows {
 public:
  using Store = LeadImportStore;
  static constexpr std::string_view kIds = "lead-import/";
  struct Batch {
    std::vector<LeadDraft> drafts;
    std::vector<RejectedRow> rejects;
  };

  explicit LeadRows(LeadFile file) : file_(std::move(file)) {}

  // ORG_UNIT_NOT_FOUND.
  absl::Status Open(LeadImport& import, db::Transaction& tx) const;
  absl::Status ReadHeader(const std::vector<std::string>& header);
  void Read(const CsvRecord& record, absl::Time now, Batch& batch) const;
  absl::Status Prepare(const work::Caller& caller, const LeadImport& import, Batch& batch) const;
  bool Take(imports::Item& item, const Batch& batch, LeadImport& import, db::Transaction& tx) const;

 private:
  LeadFile file_;
  std::optional<LeadColumns> columns_;
};

using LeadImporter = imports::Importer<LeadRows>;

}  // namespace crm::customer
