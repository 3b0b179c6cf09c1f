#include "services/opportunity/clients/ask.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/to_grpc.h"
#include "grpcpp/grpcpp.h"

namespace crm::opportunity {

void SpeakFor(grpc::ClientContext& context, const work::Caller& caller) {
  context.AddMetadata("authorization", "Bearer " + caller.principal->token);
  if (!caller.traceparent.empty()) context.AddMetadata("traceparent", caller.traceparent);
  context.set_deadline(absl::ToChronoTime(std::min(caller.deadline, absl::Now() + absl::Seconds(5))));
}

absl::Status Refused(const char* whom, const grpc::Status& status) {
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE)
    return errors::Unavailable("PEER_UNAVAILABLE", std::string(whom) + " cannot be asked now");
  return FromGrpc(status);
}

}  // namespace crm::opportunity
