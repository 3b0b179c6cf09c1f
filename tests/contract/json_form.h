#pragma once
#include <google/protobuf/descriptor.h>
#include <google/protobuf/struct.pb.h>

#include <functional>
#include <optional>
#include <string>

namespace crm::testing {

// How a method is called as JSON over HTTP: its google.api.http.
struct JsonForm {
  std::string verb, pattern;  // "PATCH", "/v1/leads/{lead.id}"
  bool has_body = false;

  // The pattern with `value(field)` in the place of each field.
  std::string PathWith(const std::function<std::string(const std::string& field)>& value) const;
};

// None: it is called over gRPC only.
std::optional<JsonForm> JsonFormOf(const google::protobuf::MethodDescriptor& method);

// Takes what is at "lead.id" out of a request.
std::string TakeOut(google::protobuf::Struct& request, const std::string& path);

}  // namespace crm::testing
