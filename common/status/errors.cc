#include "common/status/errors.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/uuid.h"
#include "common/telemetry/log.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"

namespace crm::errors {
namespace {

constexpr std::string_view kErrorInfo = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr std::string_view kBadRequest = "type.googleapis.com/google.rpc.BadRequest";
constexpr std::string_view kRetryInfo = "type.googleapis.com/google.rpc.RetryInfo";

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

void Attach(absl::Status& status, std::string_view type_url, const google::protobuf::Message& detail) {
  status.SetPayload(View(type_url), absl::Cord(detail.SerializeAsString()));
}

void AttachRetry(absl::Status& status, absl::Duration after) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(after));
  retry.mutable_retry_delay()->set_nanos(
      static_cast<int>(absl::ToInt64Nanoseconds(after - absl::Seconds(absl::ToInt64Seconds(after)))));
  Attach(status, kRetryInfo, retry);
}

template <class Detail>
std::optional<Detail> Find(const absl::Status& status, std::string_view type_url) {
  const auto payload = status.GetPayload(View(type_url));
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

// An error travels in HTTP/2 trailers, of which clients take 8 KiB unless told otherwise, and its message in
// them twice, once percent-encoded: what a caller sent is quoted in part only.
constexpr std::size_t kLongestMessage = 600, kLongestValue = 1000, kLongestQuote = 240,
                      kMostViolationBytes = 2800, kMostViolations = 200;

// At most `most` bytes, cut between characters.
std::string Shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return std::string(text.substr(0, most)) + "…";
}

std::string ReasonFor(std::string_view resource, std::string_view suffix) {
  return absl::StrCat(absl::AsciiStrToUpper(View(resource)), View(suffix));
}

}  // namespace

absl::Status Make(absl::StatusCode code, std::string_view reason, std::string_view message,
                  Metadata metadata) {
  absl::Status status(code, Shortened(message, kLongestMessage));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("guanxi");
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = Shortened(value, kLongestValue);
  Attach(status, kErrorInfo, info);
  return status;
}

absl::Status NotFound(std::string_view resource, std::string_view id, std::string_view field) {
  return Make(
      absl::StatusCode::kNotFound, ReasonFor(resource, "_NOT_FOUND"),
      absl::StrCat("there is no ", View(resource), " ", View(id), " that you may see; check ", View(field)),
      {{"resource", std::string(resource)}, {"id", std::string(id)}, {"field", std::string(field)}});
}

absl::Status AlreadyExists(std::string_view resource, std::string_view field, std::string_view value,
                           std::string_view existing_id) {
  Metadata metadata = {
      {"resource", std::string(resource)}, {"field", std::string(field)}, {"value", std::string(value)}};
  if (!existing_id.empty()) metadata.emplace_back("existing_id", existing_id);
  return Make(absl::StatusCode::kAlreadyExists, ReasonFor(resource, "_ALREADY_EXISTS"),
              absl::StrCat("a ", View(resource), " with ", View(field), " ", View(value),
                           " already exists; update it, or choose another ", View(field)),
              std::move(metadata));
}

absl::Status StaleEtag(std::string_view resource, std::string_view id, std::string_view field) {
  return Make(
      absl::StatusCode::kAborted, "STALE_ETAG",
      absl::StrCat(View(resource), " ", View(id), " has changed since you read it; read it again and repeat"),
      {{"resource", std::string(resource)}, {"id", std::string(id)}, {"field", std::string(field)}});
}

absl::Status FailedPrecondition(std::string_view reason, std::string_view message, Metadata metadata) {
  return Make(absl::StatusCode::kFailedPrecondition, reason, message, std::move(metadata));
}

absl::Status IllegalMove(std::string_view resource, std::string_view field, std::string_view from,
                         std::string_view to, std::string_view remedy) {
  return FailedPrecondition("ILLEGAL_STATE_MOVE",
                            absl::StrCat("a ", View(resource), " cannot go from ", View(from), " to ",
                                         View(to), "; ", View(remedy)),
                            {{"resource", std::string(resource)},
                             {"field", std::string(field)},
                             {"from", std::string(from)},
                             {"to", std::string(to)}});
}

absl::Status PermissionMissing(std::string_view permission) {
  return Make(absl::StatusCode::kPermissionDenied, "PERMISSION_MISSING",
              absl::StrCat("this needs the permission ", View(permission),
                           "; ask an administrator for a role with it"),
              {{"permission", std::string(permission)}});
}

absl::Status Unauthenticated(std::string_view reason, std::string_view message) {
  return Make(absl::StatusCode::kUnauthenticated, reason, message);
}

absl::Status Overloaded(absl::Duration retry_after) {
  absl::Status status = Make(absl::StatusCode::kResourceExhausted, "OVERLOADED",
                             "too many calls are waiting; try again after the delay given");
  AttachRetry(status, retry_after);
  return status;
}

absl::Status DeadlineExceeded() {
  return Make(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
              "the deadline passed before the answer; a write may be repeated safely under its request_id");
}

absl::Status Cancelled() { return Make(absl::StatusCode::kCancelled, "CANCELLED", "the caller has left"); }

absl::Status Unavailable(std::string_view reason, std::string_view message) {
  absl::Status status = Make(absl::StatusCode::kUnavailable, reason, message);
  AttachRetry(status, absl::Seconds(1));
  return status;
}

absl::Status Internal(std::string_view what) {
  const std::string id = Uuid::New().ToString();
  LogError("internal error ", id, ": ", std::string(what));
  return Make(absl::StatusCode::kInternal, "INTERNAL",
              absl::StrCat("something failed inside; give the operators this id: ", id), {{"error_id", id}});
}

std::string Reason(const absl::Status& status) {
  const auto info = Find<google::rpc::ErrorInfo>(status, kErrorInfo);
  return info ? info->reason() : "";
}

void Violations::Add(std::string_view field, std::string_view reason, std::string_view description) {
  if (violations_.size() == kMostViolations) {
    ++more_;
    return;
  }
  violations_.push_back(
      {Shortened(field, kLongestQuote), std::string(reason), Shortened(description, kLongestQuote)});
}

absl::Status Violations::ToStatus() const {
  if (violations_.empty()) return absl::OkStatus();
  return ToStatus(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS", {});
}

absl::Status Violations::ToStatus(absl::StatusCode code, std::string_view reason, Metadata metadata) const {
  std::string message;
  google::rpc::BadRequest bad;
  std::size_t told = 0;
  for (const Violation& violation : violations_) {
    auto* field = bad.add_field_violations();
    field->set_field(violation.field);
    // BadRequest of this google/rpc version has no reason of its own: it leads the description.
    field->set_description(absl::StrCat(violation.reason, ": ", violation.description));
    if (bad.ByteSizeLong() > kMostViolationBytes) {
      bad.mutable_field_violations()->RemoveLast();
      break;
    }
    ++told;
    if (message.size() < kLongestMessage)
      absl::StrAppend(&message, message.empty() ? "" : "; ", field->field(), ": ", violation.description);
  }
  if (const std::size_t rest = violations_.size() - told + more_; rest > 0) {
    auto* field = bad.add_field_violations();
    field->set_description(
        absl::StrCat("MORE: ", rest, " more violations do not fit here; mend these first"));
    absl::StrAppend(&message, "; and ", rest, " more");
  }
  absl::Status status = Make(code, reason, message, std::move(metadata));
  Attach(status, kBadRequest, bad);
  return status;
}

absl::Status Both(const absl::Status& first, const absl::Status& second) {
  Violations faults;
  Metadata metadata;
  for (const absl::Status* status : {&first, &second}) {
    const auto info = Find<google::rpc::ErrorInfo>(*status, kErrorInfo).value_or(google::rpc::ErrorInfo());
    if (status == &first) metadata.assign(info.metadata().begin(), info.metadata().end());
    const auto listed = ViolationsOf(*status);
    for (const Violation& one : listed) faults.Add(one.field, one.reason, one.description);
    if (!listed.empty()) continue;
    const auto field = info.metadata().find("field");
    faults.Add(field == info.metadata().end() ? "" : field->second, info.reason(),
               {status->message().data(), status->message().size()});
  }
  return faults.ToStatus(first.code(), Reason(first), std::move(metadata));
}

std::vector<Violation> ViolationsOf(const absl::Status& status) {
  std::vector<Violation> violations;
  const auto bad = Find<google::rpc::BadRequest>(status, kBadRequest);
  if (!bad) return violations;
  for (const auto& field : bad->field_violations()) {
    const std::string& text = field.description();
    const std::size_t colon = text.find(": ");
    violations.push_back(
        {field.field(), text.substr(0, colon), colon == text.npos ? "" : text.substr(colon + 2)});
  }
  return violations;
}

}  // namespace crm::errors
