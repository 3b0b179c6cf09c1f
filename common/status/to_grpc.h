#pragma once
#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace crm {

// The only crossing between absl::Status and gRPC. Payloads travel as google.rpc.Status details; codes
// without a payload (made by a library) get none.
grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace crm
