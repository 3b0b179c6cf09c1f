#pragma once
#include <gmock/gmock.h>

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/errors.h"

// Matchers for absl::Status and absl::StatusOr<T>.
namespace crm::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "isn't OK" : "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

MATCHER_P(IsOkAnd, inner, "is OK and its value " + ::testing::DescribeMatcher<std::string>(::testing::_)) {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

MATCHER_P(HasCode, code, std::string("has code ") + std::string(absl::StatusCodeToString(code))) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

// The stable reason: "STALE_ETAG".
MATCHER_P(HasReason, reason, std::string("has reason ") + reason) {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString() << " with reason \"" << errors::Reason(status) << '"';
  return !status.ok() && errors::Reason(status) == reason;
}

// An INVALID_ARGUMENT that lists this violation, perhaps among others.
MATCHER_P2(HasViolation, field, reason, std::string("lists ") + reason + " of " + field) {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString() << " with";
  for (const errors::Violation& violation : errors::ViolationsOf(status)) {
    if (violation.field == field && violation.reason == reason) return true;
    *result_listener << ' ' << violation.field << ' ' << violation.reason << ';';
  }
  return false;
}

}  // namespace crm::testing
