#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/base/csv.h"
#include "services/customer/app/import_leads.h"
#include "services/customer/domain/lead_row.h"

namespace crm::customer {

struct LeadUploadOptions {
  LeadFileOptions file;
  CsvOptions csv;
  Uuid org_unit_id;
  bool history = false;
  std::size_t batch_rows = 1000;
};

// Makes batches out of the bytes of a file as they come, from the first byte even when it resumes: what is
// committed already is read over, and must be the same as it was. Keeps one batch in memory. Not thread safe.
class LeadUpload {
 public:
  // `import` as it stood when the upload began.
  LeadUpload(LeadUploadOptions options, const LeadImport& import);

  // Takes bytes; `now` bounds occurred times. INVALID_ARGUMENT when the file cannot be read as a whole
  // (encoding, header, mapping), FAILED_PRECONDITION (IMPORT_CONTENT_DIFFERS) when it is another than the one
  // to resume.
  absl::Status Feed(std::string_view bytes, absl::Time now);
  // The bytes have ended.
  absl::Status Finish(absl::Time now);

  // A full batch, or after Finish or a fault the rest; nothing when there is none.
  std::optional<ImportLeadBatch> TakeBatch();

 private:
  absl::Status ReadRecords(absl::Time now);
  absl::Status ReadHeader(const CsvRecord& record);
  absl::Status ReadRow(CsvRecord& record, absl::Time now);
  absl::Status Unreadable() const;
  void Reject(std::int64_t line, std::vector<errors::Violation> violations,
              const std::vector<std::string>& fields);
  ImportLeadBatch NewBatch() const;

  const LeadUploadOptions options_;
  const Uuid import_id_;
  const std::int64_t resume_line_;
  const std::string resume_hash_;
  CsvParser parser_;
  std::optional<LeadColumns> columns_;
  std::string hash_;
  std::int64_t last_line_ = 0;  // of the last row that was kept or rejected
  bool same_so_far_;            // as the file that is resumed
  ImportLeadBatch batch_;
  std::vector<ImportLeadBatch> full_;
  bool finished_ = false;
};

}  // namespace crm::customer
