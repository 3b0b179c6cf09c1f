#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

// One named factory per kind of error. Each names the field, the rule and the remedy, and carries a stable
// machine-readable reason (google.rpc.ErrorInfo, domain "guanxi"; the field is in its metadata, or in the
// violations). Free of proto, so that domain code may use it; status/to_grpc.h is the only crossing to gRPC.
namespace crm::errors {

using Metadata = std::vector<std::pair<std::string, std::string>>;

// The general form: `reason` is UPPER_SNAKE_CASE and stable; `message` is for people.
absl::Status Make(absl::StatusCode code, std::string_view reason, std::string_view message,
                  Metadata metadata = {});

// NOT_FOUND. Also given for what lies outside the caller's sight. reason: <RESOURCE>_NOT_FOUND. `field` names
// it.
absl::Status NotFound(std::string_view resource, std::string_view id, std::string_view field = "id");

// ALREADY_EXISTS. reason: <RESOURCE>_ALREADY_EXISTS; metadata names the field, its value and the one that has
// it.
absl::Status AlreadyExists(std::string_view resource, std::string_view field, std::string_view value,
                           std::string_view existing_id = "");

// ABORTED, reason STALE_ETAG: the record has changed since it was read; read again and repeat. `field` holds
// the etag.
absl::Status StaleEtag(std::string_view resource, std::string_view id, std::string_view field = "etag");

// FAILED_PRECONDITION, reason as given (LEAD_NOT_OPEN, MISSING_GATES, …). Metadata "field": the one that
// stands in the way.
absl::Status FailedPrecondition(std::string_view reason, std::string_view message, Metadata metadata = {});

// FAILED_PRECONDITION, reason ILLEGAL_STATE_MOVE. `field` is the one that says where the record stands.
absl::Status IllegalMove(std::string_view resource, std::string_view field, std::string_view from,
                         std::string_view to, std::string_view remedy);

// PERMISSION_DENIED, reason PERMISSION_MISSING.
absl::Status PermissionMissing(std::string_view permission);

// UNAUTHENTICATED, reason as given (TOKEN_MISSING, TOKEN_EXPIRED, TOKEN_INVALID).
absl::Status Unauthenticated(std::string_view reason, std::string_view message);

// RESOURCE_EXHAUSTED, reason OVERLOADED, with RetryInfo.
absl::Status Overloaded(absl::Duration retry_after);

absl::Status DeadlineExceeded();

// CANCELLED: the caller has left.
absl::Status Cancelled();

// UNAVAILABLE, reason as given, with RetryInfo.
absl::Status Unavailable(std::string_view reason, std::string_view message);

// INTERNAL. `what` goes to the log under an id; only the id reaches the caller.
absl::Status Internal(std::string_view what);

// Two errors of one request as one: the code and reason of the first, and the faults of both as its
// violations.
absl::Status Both(const absl::Status& first, const absl::Status& second);

// The stable reason of an error made here; empty for any other status.
std::string Reason(const absl::Status& status);

// A broken rule on one field. `field` is the path in the request ("items[3].amount"), `reason` is stable
// (REQUIRED, TOO_LONG, NEGATIVE, …), `description` names the rule and the remedy.
struct Violation {
  std::string field, reason, description;
};

// Gathers every violation of a request: INVALID_ARGUMENT (INVALID_FIELDS) with google.rpc.BadRequest, or OK
// when there is none. As many as fit into an error's headers, some dozens; MORE counts the rest. Quotes are
// shortened, and however many there are, memory for a few hundred is taken.
class Violations {
 public:
  void Add(std::string_view field, std::string_view reason, std::string_view description);
  bool empty() const { return violations_.empty(); }
  absl::Status ToStatus() const;

 private:
  friend absl::Status Both(const absl::Status& first, const absl::Status& second);
  absl::Status ToStatus(absl::StatusCode code, std::string_view reason, Metadata metadata) const;

  std::vector<Violation> violations_;
  std::size_t more_ = 0;  // beyond those kept
};

// The violations that a status made by Violations or Both carries; empty otherwise.
std::vector<Violation> ViolationsOf(const absl::Status& status);

}  // namespace crm::errors
