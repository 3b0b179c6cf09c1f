#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/csv.h"

namespace crm::imports {

// The records of a file as its bytes come: its header, then the rows behind the line where an earlier upload
// of it has ended. What is committed already is read over, and must be the same as it was. Not thread safe.
class File {
 public:
  File(CsvOptions csv, std::int64_t committed_line, std::string content_hash);

  // Records before a fault can still be read.
  void Feed(std::string_view bytes) { (void)parser_.Feed(bytes); }
  void Finish();

  // False when there is no more for now: status() says whether there may be.
  bool Next(CsvRecord& record);

  // INVALID_ARGUMENT when the file cannot be read as a whole (encoding, no header line), FAILED_PRECONDITION
  // (IMPORT_CONTENT_DIFFERS) when it is another one than was begun.
  absl::Status status() const;

  // Of everything up to the last record.
  const std::string& hash() const { return hash_; }

 private:
  CsvParser parser_;
  const std::int64_t committed_line_;
  const std::string content_hash_;
  std::string hash_;
  bool finished_ = false, header_read_ = false;
  bool same_;  // as far as it is committed
  bool differs_ = false;
};

}  // namespace crm::imports
