#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"

// Files on their way in, whatever their rows are. A service adds what its rows mean (importer.h).
namespace crm::imports {

enum class State { kRunning, kInterrupted, kSucceeded, kFailed };
inline constexpr std::array<std::string_view, 4> kStates = {"RUNNING", "INTERRUPTED", "SUCCEEDED", "FAILED"};
constexpr std::string_view Name(State state) { return kStates.at(static_cast<std::size_t>(state)); }

// RUNNING → SUCCEEDED, or INTERRUPTED or FAILED until the file is sent again.
// rows_read = rows_imported + rows_duplicate + rows_rejected, always.
struct Import {
  static constexpr std::string_view kAggregateType = "import";

  Uuid id, owner_id, org_unit_id;
  std::int64_t version = 0;
  std::string name;
  State state = State::kRunning;
  std::string failure;              // why it is FAILED
  std::int64_t committed_line = 0;  // on which the last row that is done begins
  std::string content_hash;         // of the header and all rows up to there: 32 bytes
  std::int64_t rows_read = 0, rows_imported = 0, rows_duplicate = 0, rows_rejected = 0;
  absl::Time create_time, update_time;
};

// An import has begun, gone on or ended.
template <class Import>
struct Changed {
  Import import;
};

// What lies between two lines of a file.
struct Span {
  std::int64_t after_line = 0, last_line = 0;  // on which rows begin
  std::string hash;                            // of everything up to last_line
};

// ABORTED, reason IMPORT_OVERTAKEN.
absl::Status Overtaken(const Import& import);

}  // namespace crm::imports
