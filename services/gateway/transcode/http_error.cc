#include "services/gateway/transcode/http_error.h"

#include "google/protobuf/any.pb.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "services/gateway/transcode/json_writer.h"
#include "services/gateway/transcode/path_template.h"
#include "services/gateway/transcode/scalars.h"

namespace crm::gateway {

int HttpStatusOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return 200;
    case grpc::StatusCode::CANCELLED:
      return 499;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
      return 400;
    case grpc::StatusCode::UNAUTHENTICATED:
      return 401;
    case grpc::StatusCode::PERMISSION_DENIED:
      return 403;
    case grpc::StatusCode::NOT_FOUND:
      return 404;
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::ABORTED:
      return 409;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return 429;
    case grpc::StatusCode::UNIMPLEMENTED:
      return 501;
    case grpc::StatusCode::UNAVAILABLE:
      return 503;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return 504;
    default:
      return 500;
  }
}

std::string_view CodeName(grpc::StatusCode code) {
  const auto* value = google::rpc::Code_descriptor()->FindValueByNumber(code);
  return value == nullptr ? "UNKNOWN" : std::string_view(value->name());
}

std::string ErrorJson(const grpc::Status& status, int http_status) {
  std::string out = absl::StrCat(
      "{\"error\":{\"code\":", http_status != 0 ? http_status : HttpStatusOf(status.error_code()),
      ",\"status\":");
  AppendJsonText(CodeName(status.error_code()), out);
  out.append(",\"message\":");
  // A message made elsewhere may be cut inside a character.
  AppendJsonText(IsUtf8(status.error_message()) ? status.error_message() : "the error's message is not UTF-8",
                 out);
  out.append(",\"details\":[");
  google::rpc::Status rich;
  if (rich.ParseFromString(status.error_details())) {
    for (int i = 0; i < rich.details_size(); ++i) {
      if (i > 0) out.push_back(',');
      WriteJson(rich.details(i), out);
    }
  }
  out.append("]}}");
  return out;
}

int RetryAfterSeconds(const grpc::Status& status) {
  google::rpc::Status rich;
  if (!rich.ParseFromString(status.error_details())) return 0;
  for (const auto& detail : rich.details()) {
    google::rpc::RetryInfo retry;
    if (!detail.UnpackTo(&retry)) continue;
    const auto& delay = retry.retry_delay();
    return std::max<int>(1, static_cast<int>(delay.seconds()) + (delay.nanos() > 0 ? 1 : 0));
  }
  return 0;
}

}  // namespace crm::gateway
