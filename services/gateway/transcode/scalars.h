#pragma once
#include <string>
#include <string_view>

#include "google/protobuf/message.h"

namespace crm::gateway {

// A value as JSON or a query parameter gives it.
struct Scalar {
  enum Kind { kText, kNumber, kBool } kind;
  std::string text;  // of kText; of kNumber its digits as written
  bool flag = false;
};

// The violation of a value that does not fit: reason (UPPER_SNAKE_CASE, stable) and description.
struct Misfit {
  std::string reason, description;
};

// Sets `field` of `message` (or appends to it, when repeated) from `value`: numbers, text, bytes as base64,
// enums by name or number, bool, and the well-known Timestamp, Duration, FieldMask and wrappers. False when
// it does not fit, with the reason in `misfit`.
bool SetScalar(google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field,
               const Scalar& value, Misfit& misfit);

// True for a message that JSON writes as one text or number.
bool IsScalarMessage(const google::protobuf::Descriptor* type);

// "2026-11-22T08:00:00.123456Z", "1.5s", "name,org_unit_id".
std::string TimestampText(std::int64_t seconds, std::int32_t nanos);
std::string DurationText(std::int64_t seconds, std::int32_t nanos);

// The text of a value inside quotes: ", \ and control characters escaped.
void AppendJsonText(std::string_view text, std::string& out);

}  // namespace crm::gateway
