#pragma once
#include "absl/status/status.h"
#include "common/work/batch.h"

namespace grpc {
class ClientContext;
class Status;
}  // namespace grpc

namespace crm::opportunity {

// A call on behalf of `caller`, whose answer nobody awaits for longer than five seconds.
void SpeakFor(grpc::ClientContext& context, const work::Caller& caller);

// Why `whom` could not be asked: an absent one is UNAVAILABLE (PEER_UNAVAILABLE).
absl::Status Refused(const char* whom, const grpc::Status& status);

}  // namespace crm::opportunity
