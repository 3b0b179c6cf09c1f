#include "services/customer/app/lead_upload.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace crm::customer {
namespace {

constexpr std::size_t kMaxContent = 4000;

absl::Status ContentDiffers(std::int64_t line) {
  return errors::FailedPrecondition(
      "IMPORT_CONTENT_DIFFERS",
      absl::StrCat("this import was begun with another file: up to line ", line,
                   " the content is not the same; send the same file, or use a new request_id"),
      {{"line", std::to_string(line)}});
}

// Whole characters only.
std::string Cut(std::string text) {
  if (text.size() <= kMaxContent) return text;
  std::size_t end = kMaxContent;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

}  // namespace

LeadUpload::LeadUpload(LeadUploadOptions options, const LeadImport& import)
    : options_(std::move(options)),
      import_id_(import.id),
      resume_line_(import.committed_line),
      resume_hash_(import.content_hash),
      parser_(options_.csv),
      last_line_(import.committed_line),
      same_so_far_(import.committed_line == 0) {
  batch_ = NewBatch();
}

ImportLeadBatch LeadUpload::NewBatch() const {
  ImportLeadBatch batch;
  batch.import_id = import_id_;
  batch.after_line = last_line_;
  return batch;
}

absl::Status LeadUpload::Unreadable() const {
  errors::Violations violations;
  violations.Add("file", parser_.error()->reason,
                 absl::StrCat("line ", parser_.error_line(), ": ", parser_.error()->message));
  return violations.ToStatus();
}

absl::Status LeadUpload::Feed(std::string_view bytes, absl::Time now) {
  const bool readable = parser_.Feed(bytes);
  absl::Status status = ReadRecords(now);
  if (status.ok() && !readable) status = Unreadable();
  finished_ |= !status.ok();
  return status;
}

absl::Status LeadUpload::Finish(absl::Time now) {
  const bool readable = parser_.Finish();
  absl::Status status = ReadRecords(now);
  finished_ = true;
  if (!status.ok()) return status;
  if (!readable) return Unreadable();
  if (!columns_) {
    errors::Violations violations;
    violations.Add("file", "EMPTY", "the file has no header line");
    return violations.ToStatus();
  }
  return same_so_far_ ? absl::OkStatus() : ContentDiffers(resume_line_);
}

absl::Status LeadUpload::ReadRecords(absl::Time now) {
  CsvRecord record;
  while (parser_.Next(record)) {
    absl::Status status = columns_ ? ReadRow(record, now) : ReadHeader(record);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status LeadUpload::ReadHeader(const CsvRecord& record) {
  if (record.problem) {
    errors::Violations violations;
    violations.Add("header", record.problem->reason, record.problem->message);
    return violations.ToStatus();
  }
  auto columns = LeadColumns::Recognise(record.fields, options_.file);
  if (!columns.ok()) return columns.status();
  columns_ = *std::move(columns);
  hash_ = Chain("", record.fields);
  return absl::OkStatus();
}

absl::Status LeadUpload::ReadRow(CsvRecord& record, absl::Time now) {
  hash_ = Chain(hash_, record.fields);
  if (record.line <= resume_line_) {
    if (record.line == resume_line_) same_so_far_ = hash_ == resume_hash_;
    return absl::OkStatus();
  }
  if (!same_so_far_) return ContentDiffers(resume_line_);
  if (record.problem) {
    Reject(record.line, {{"row", record.problem->reason, record.problem->message}}, record.fields);
  } else if (auto row = columns_->Read(record.fields, now); !row.ok()) {
    Reject(record.line, errors::ViolationsOf(row.status()), record.fields);
  } else {
    ImportLeadBatch::Row& kept = batch_.rows.emplace_back();
    kept.line = record.line;
    kept.draft.details = std::move(row->details);
    kept.draft.org_unit_id = options_.org_unit_id;
    kept.draft.import_id = import_id_;
    if (row->occurred) kept.draft.occurred = *row->occurred;
    kept.draft.history = options_.history;
  }
  last_line_ = batch_.last_line = record.line;
  batch_.content_hash = hash_;
  if (batch_.rows.size() + batch_.rejects.size() >= options_.batch_rows) {
    full_.push_back(std::move(batch_));
    batch_ = NewBatch();
  }
  return absl::OkStatus();
}

void LeadUpload::Reject(std::int64_t line, std::vector<errors::Violation> violations,
                        const std::vector<std::string>& fields) {
  RejectedRow& rejected = batch_.rejects.emplace_back();
  rejected.line = line;
  rejected.violations = std::move(violations);
  rejected.content = Cut(absl::StrJoin(fields, ","));
}

std::optional<ImportLeadBatch> LeadUpload::TakeBatch() {
  if (full_.empty() && finished_ && batch_.last_line > 0) {
    full_.push_back(std::move(batch_));
    batch_ = NewBatch();
  }
  if (full_.empty()) return std::nullopt;
  ImportLeadBatch batch = std::move(full_.front());
  full_.erase(full_.begin());
  batch.mapping = columns_->mapping();
  batch.attribute_columns = columns_->attribute_columns();
  return batch;
}

}  // namespace crm::customer
