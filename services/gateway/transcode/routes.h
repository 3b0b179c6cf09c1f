#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "services/gateway/transcode/path_template.h"

namespace crm::gateway {

// A public method, as its descriptor says.
struct Method {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  std::string grpc_path;  // "/crm.customer.v1.LeadService/CaptureLead"
  std::string backend;    // "customer", "opportunity", "contract-credit" or "analytics"
  std::string verb;       // "POST"; empty without google.api.http
  PathTemplate path;
  std::string body;  // "*", a field's name, or empty

  bool unary() const { return !descriptor->client_streaming() && !descriptor->server_streaming(); }
  // A client-streaming method that takes a file: messages with a oneof of `header` and bytes `chunk`.
  bool upload() const { return header != nullptr; }
  const google::protobuf::FieldDescriptor* header = nullptr;
  const google::protobuf::FieldDescriptor* chunk = nullptr;
};

// All public methods of the services linked into this process, by path. Immutable, thread safe.
class Routes {
 public:
  // `services` are full names; internal methods are left out. FAILED_PRECONDITION when an annotation is
  // malformed, names a field that is not there, or when two methods claim the same paths.
  static absl::StatusOr<Routes> Of(const std::vector<const google::protobuf::ServiceDescriptor*>& services);

  struct Match {
    const Method* method = nullptr;
    PathVariables variables;
    std::string allow;  // when method is null: the verbs of this path, "GET, POST"; empty = no such path
  };
  Match Find(std::string_view verb, std::string_view path) const;

  // By gRPC path; null when there is none.
  const Method* FindGrpc(std::string_view grpc_path) const;

  const std::vector<Method>& methods() const { return methods_; }

 private:
  std::vector<Method> methods_;
  std::map<std::string, std::size_t, std::less<>> by_grpc_path_;
  std::map<std::string, std::vector<std::size_t>, std::less<>>
      by_first_segment_;  // the special before the general
};

// Every crm service of the descriptors in `descriptor_set` (a serialized FileDescriptorSet) as linked into
// this process.
std::vector<const google::protobuf::ServiceDescriptor*> LinkedServices(std::string_view descriptor_set);

}  // namespace crm::gateway
