#include "common/rpc/upload.h"

#include "absl/strings/str_cat.h"

namespace crm::rpc {

void UploadSettings(Config& config) {
  config.Duration("upload-idle-time", UploadOptions().idle_time,
                  "how long the client of an upload may keep silent before it is interrupted; 0: for ever");
}

UploadOptions ToUploadOptions(const Config& config) {
  UploadOptions options;
  const absl::Duration idle_time = config.Duration("upload-idle-time");
  options.idle_time = idle_time > absl::ZeroDuration() ? idle_time : absl::InfiniteDuration();
  return options;
}

namespace internal {

absl::Status MisplacedPart(std::string_view field, std::string_view rule, std::string_view description) {
  errors::Violations violations;
  violations.Add(field, rule, description);
  return violations.ToStatus();
}

absl::Status Silent(absl::Duration idle_time) {
  return errors::Make(
      absl::StatusCode::kDeadlineExceeded, "UPLOAD_IDLE",
      absl::StrCat("nothing came for ", absl::FormatDuration(idle_time),
                   "; what was committed stays: send the file again under the same request_id"));
}

}  // namespace internal
}  // namespace crm::rpc
