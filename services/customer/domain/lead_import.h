#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/status/errors.h"
#include "services/customer/domain/words.h"

namespace crm::customer {

enum class ImportState { kRunning, kInterrupted, kSucceeded, kFailed };

template <>
struct Words<ImportState> {
  static constexpr std::string_view kAll[] = {"RUNNING", "INTERRUPTED", "SUCCEEDED", "FAILED"};
};

// A file of leads on its way in. rows_read = rows_imported + rows_duplicate + rows_rejected, always.
struct LeadImport {
  static constexpr std::string_view kAggregateType = "import";
  Uuid id;
  std::int64_t version = 0;
  Uuid owner_id, org_unit_id;
  std::string name;
  ImportState state = ImportState::kRunning;
  std::int64_t rows_read = 0, rows_imported = 0, rows_duplicate = 0, rows_rejected = 0;
  std::int64_t committed_line = 0;             // the line on which the last row that is done begins
  std::string content_hash;                    // of the header and all rows up to there: 32 bytes
  std::map<std::string, std::string> mapping;  // column → field
  std::vector<std::string> attribute_columns;
  std::string failure;
  absl::Time create_time, update_time;
};

struct ImportChanged {
  LeadImport import;
};

// A row that was refused.
struct RejectedRow {
  std::int64_t line = 0;
  std::vector<errors::Violation> violations;
  std::string content;  // as it was read, cut after 4,000 characters
};

// The hash of everything up to and including this row, from the hash of everything before it.
std::string Chain(std::string_view hash, const std::vector<std::string>& fields);

}  // namespace crm::customer
