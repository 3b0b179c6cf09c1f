#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/support/status.h"

// The wire format of gRPC-Web: frames of one flag byte and a 32-bit big-endian length; the last frame holds
// the trailers. In text mode each frame is base64.
namespace crm::gateway::grpc_web {

enum class Mode { kBinary, kText };

// The mode of a content type ("application/grpc-web-text+proto"); false when it is none of gRPC-Web's.
bool ModeOf(std::string_view content_type, Mode& mode);
std::string_view ContentTypeOf(Mode mode);

// The messages of a request body. INVALID_ARGUMENT when it is cut off, not base64, or has a frame that is not
// plain data; UNIMPLEMENTED for a compressed frame.
absl::StatusOr<std::vector<std::string>> ReadFrames(std::string_view body, Mode mode);

std::string DataFrame(std::string_view message, Mode mode);
// grpc-status, grpc-message (percent-encoded) and grpc-status-details-bin.
std::string TrailerFrame(const grpc::Status& status, Mode mode);

// The milliseconds of a grpc-timeout header ("5S", "100m"); 0 when absent or malformed.
std::int64_t TimeoutMillis(std::string_view header);

}  // namespace crm::gateway::grpc_web
