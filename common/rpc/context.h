#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/token.h"
#include "common/db/cancel.h"
#include "common/work/batch.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/string_ref.h"

namespace crm::rpc {

// A call: who it is from, and what it is.
struct Context {
  work::Caller caller;
  std::string method;                              // "/crm.customer.v1.LeadService/CaptureLead"
  std::shared_ptr<db::Cancellation> cancellation;  // of a call that ends when its caller leaves
};

using ClientMetadata = std::multimap<grpc::string_ref, grpc::string_ref>;

// Who may come in: verifies the token, looks the method's permission up in its descriptor, and refuses what
// has none. Streams use it as unary calls do. Thread safe.
class Gate {
 public:
  explicit Gate(auth::TokenVerifier& verifier) : verifier_(verifier) {}

  // The permission that the descriptor names for `method`; ends the process when there is no such method or
  // it names none, so call it at start.
  static std::string PermissionOf(const std::string& method);

  // UNAUTHENTICATED or PERMISSION_DENIED. `context` then lacks its principal; method, trace (the caller's, or
  // a new one) and deadline (a far future becomes 5 s from now) it has in any case.
  absl::Status Admit(const ClientMetadata& metadata, std::chrono::system_clock::time_point deadline,
                     const std::string& method, const std::string& permission, Context& context) const;

 private:
  auth::TokenVerifier& verifier_;
};

// What makes `request` happen once: its caller, its method and its request_id.
work::RequestKey KeyOf(const Context& context, std::string_view request_id,
                       const google::protobuf::Message& request);

// INVALID_ARGUMENT when the request has no usable request_id or a text in it holds U+0000 (PostgreSQL would
// cut it there), joined with the violations that `converted` carries, so that all come at once.
absl::Status CheckWrite(std::string_view request_id, const google::protobuf::Message& request,
                        const absl::Status& converted);
absl::Status CheckRead(const google::protobuf::Message& request, const absl::Status& converted);

}  // namespace crm::rpc
