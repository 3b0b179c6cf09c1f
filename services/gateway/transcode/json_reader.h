#pragma once
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/status/errors.h"
#include "google/protobuf/message.h"

namespace crm::gateway {

inline constexpr int kMaxJsonDepth = 64;

// Reads proto3 JSON into `message` (field names as in the proto or in camelCase; enum names or numbers;
// 64-bit integers as text or number; null = absent). What is not JSON, not UTF-8 or nested deeper than
// kMaxJsonDepth is answered at once with INVALID_ARGUMENT (reasons MALFORMED_JSON, INVALID_UTF8, TOO_DEEP,
// with line and column). Unknown fields, wrong types and values out of range are gathered in `violations`
// with their paths, which begin with `path`.
absl::Status ReadJson(std::string_view json, google::protobuf::Message& message,
                      errors::Violations& violations, std::string_view path = "");

// As above, of one field: `json` is the field's value.
absl::Status ReadJsonField(std::string_view json, google::protobuf::Message& message,
                           const google::protobuf::FieldDescriptor* field, errors::Violations& violations);

// Sets the field at the dotted `path` from text, as a path variable or query parameter gives it; a repeated
// field is appended to, the last part of a path into a map is the key. `given` gathers what was set, by the
// proto's names: what is not repeated is set once. Breaks of rules go to `violations`.
void SetFromText(google::protobuf::Message& message, std::string_view path, std::string_view text,
                 std::set<std::string>& given, errors::Violations& violations);

}  // namespace crm::gateway
