#pragma once
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace crm::gateway {

// The HTTP status of a gRPC code, as google.rpc.Code maps them.
int HttpStatusOf(grpc::StatusCode code);

// {"error": {"code": 404, "status": "NOT_FOUND", "message": "…", "details": [{"@type": "…", …}]}}.
// `http_status` 0 = that of the code.
std::string ErrorJson(const grpc::Status& status, int http_status = 0);

// Seconds until a repeat makes sense, of RetryInfo in the details, at least 1; 0 = not said.
int RetryAfterSeconds(const grpc::Status& status);

// "NOT_FOUND".
std::string_view CodeName(grpc::StatusCode code);

}  // namespace crm::gateway
