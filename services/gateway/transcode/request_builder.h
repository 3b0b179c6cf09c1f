#pragma once
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "services/gateway/transcode/routes.h"

namespace crm::gateway {

// The request message of `match` from its path variables, `query` (without "?") and JSON `body`.
// INVALID_ARGUMENT lists every violation of fields at once. A path variable wins over the body's field of the
// same name; a method whose body is "*" takes no query. Thread safe.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> BuildRequest(const Routes::Match& match,
                                                                        std::string_view query,
                                                                        std::string_view body);

// The first message of an upload: its header from path variables and `query`.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> BuildUploadHeader(const Routes::Match& match,
                                                                             std::string_view query);

// A further one: a piece of the file.
std::unique_ptr<google::protobuf::Message> BuildUploadChunk(const Method& method, std::string_view bytes);

// An empty message of a linked type.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type);

}  // namespace crm::gateway
