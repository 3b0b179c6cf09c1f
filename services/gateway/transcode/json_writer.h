#pragma once
#include <string>

#include "google/protobuf/message.h"

namespace crm::gateway {

// Appends `message` as proto3 JSON: field names as in the proto, numbers, texts, flags, lists and maps also
// when empty, messages and oneof members only when set, 64-bit integers as text. An Any of a known type is
// written as that type with "@type". Thread safe.
void WriteJson(const google::protobuf::Message& message, std::string& out);

}  // namespace crm::gateway
