#include "common/imports/file.h"

#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/status/errors.h"

namespace crm::imports {
namespace {

// The hash of everything up to and including this row, from the hash of everything before it.
std::string Chain(std::string text, const std::vector<std::string>& fields) {
  for (const std::string& field : fields) absl::StrAppend(&text, field.size(), ":", field);
  return Sha256(text);
}

absl::Status CannotRead(std::string_view reason, std::string_view description) {
  errors::Violations violations;
  violations.Add("file", reason, description);
  return violations.ToStatus();
}

}  // namespace

File::File(CsvOptions csv, std::int64_t committed_line, std::string content_hash)
    : parser_(std::move(csv)),
      committed_line_(committed_line),
      content_hash_(std::move(content_hash)),
      same_(committed_line == 0) {}

void File::Finish() {
  (void)parser_.Finish();
  finished_ = true;
}

bool File::Next(CsvRecord& record) {
  while (!differs_ && parser_.Next(record)) {
    hash_ = Chain(std::move(hash_), record.fields);
    if (record.line == committed_line_) same_ = hash_ == content_hash_;
    differs_ = !same_ && record.line >= committed_line_;
    if (differs_) break;
    const bool is_header = !header_read_;
    header_read_ = true;
    if (is_header || record.line > committed_line_) return true;
  }
  return false;
}

absl::Status File::status() const {
  if (differs_ || (finished_ && !same_ && !parser_.error()))
    return errors::FailedPrecondition(
        "IMPORT_CONTENT_DIFFERS",
        absl::StrCat("this import was begun with another file: up to line ", committed_line_,
                     " the content is not the same; send the same file, or use a new request_id"),
        {{"line", std::to_string(committed_line_)}});
  if (const auto& error = parser_.error())
    return CannotRead(error->reason, absl::StrCat("line ", parser_.error_line(), ": ", error->message));
  if (finished_ && !header_read_) return CannotRead("EMPTY", "the file has no header line");
  return absl::OkStatus();
}

}  // namespace crm::imports
