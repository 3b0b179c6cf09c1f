#include "common/imports/importer.h"

#include <chrono>
#include <semaphore>
#include <thread>

#include "absl/strings/str_cat.h"

namespace crm::imports {
namespace {

constexpr int kAttempts = 4;

// However many files come, two batches are committed at a time: the other connections are for calls.
std::counting_semaphore<2> places(2);

absl::Status InPlace(const std::function<absl::Status()>& attempt) {
  places.acquire();
  absl::Status status = attempt();
  places.release();
  return status;
}

bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         errors::Reason(status) == "CONTENTION";
}

}  // namespace

absl::Status Overtaken(const Import& import) {
  return errors::Make(
      absl::StatusCode::kAborted, "IMPORT_OVERTAKEN",
      "another upload of this import is under way; wait for it, or send the file again later",
      {{"import", import.id.ToString()}, {"committed_line", std::to_string(import.committed_line)}});
}

std::string internal::Text(const absl::Status& status) {
  std::string text;
  for (const errors::Violation& violation : errors::ViolationsOf(status))
    absl::StrAppend(&text, text.empty() ? "" : "; ", violation.field, ": ", violation.description);
  return text.empty() ? std::string(status.message()) : text;
}

absl::Status internal::Persistently(const std::function<absl::Status()>& attempt) {
  absl::Status status = InPlace(attempt);
  for (int tried = 1; tried < kAttempts && MayPass(status); ++tried) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200 << tried));
    status = InPlace(attempt);
  }
  return status;
}

}  // namespace crm::imports
