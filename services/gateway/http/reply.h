#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"

namespace crm::gateway {

// What is allowed from outside.
struct Limits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t body_bytes = 1024 * 1024;  // uploads have none
  std::size_t connections = 8192;
  absl::Duration header_time = absl::Seconds(5);
  absl::Duration body_time = absl::Seconds(30);
  absl::Duration idle_time =
      absl::Seconds(60);  // between requests, and between the pieces of an upload or stream
  absl::Duration default_deadline = absl::Seconds(5);
  absl::Duration max_deadline = absl::Minutes(10);
};

using Headers = std::vector<std::pair<std::string, std::string>>;

// A whole answer.
struct Reply {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  Headers headers;
  bool close = false;  // the connection cannot be used further
};

// The error as JSON with its HTTP status; `http_status` where HTTP has a better one than that of the code.
Reply ErrorReply(const grpc::Status& status, int http_status = 0);
Reply ErrorReply(const absl::Status& status, int http_status = 0);

// The head of an HTTP/1.1 answer. `length` < 0 = chunked.
std::string Head(const Reply& reply, std::int64_t length, bool keep_alive);

}  // namespace crm::gateway
