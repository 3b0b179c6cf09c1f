#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace crm::opportunity {

// A file of opportunities on its way in: RUNNING → SUCCEEDED | FAILED, or INTERRUPTED until it is sent again.
// rows_read = rows_imported + rows_duplicate + rows_rejected, always.
struct OpportunityImport {
  static constexpr std::string_view kAggregateType = "import";
  enum class State { kRunning, kInterrupted, kSucceeded, kFailed };

  Uuid id, owner_id, org_unit_id;
  std::string name;
  State state = State::kRunning;
  std::string failure;
  std::int64_t committed_line = 0;  // on which the last row that is done begins
  std::string content_hash;         // of the header and all rows up to there
  std::int64_t rows_read = 0, rows_imported = 0, rows_duplicate = 0, rows_rejected = 0;
  std::int64_t values_repaired = 0, values_reported = 0;
  std::int64_t version = 0;
  absl::Time create_time, update_time;
};

struct ImportChanged {
  OpportunityImport import;
};

// What an import has to say about a row.
struct Finding {
  enum class Kind {
    kRejected,  // the row was not imported
    kRepaired,  // the value was brought into order by the rule that `reason` names
    kReported,  // imported, but this value is missing
  };
  std::int64_t line = 0;
  int ordinal = 0;  // within the line
  Kind kind = Kind::kRejected;
  std::string field, reason, description;
  std::string value;  // as it was read, cut after 4,000 characters
};

// The hash of everything up to and including this row, from the hash of everything before it.
std::string Chain(std::string_view hash, const std::vector<std::string>& fields);

}  // namespace crm::opportunity
