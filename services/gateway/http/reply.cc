#include "services/gateway/http/reply.h"

#include <boost/beast/http/status.hpp>

#include "absl/time/clock.h"
#include "common/status/to_grpc.h"
#include "services/gateway/transcode/http_error.h"

namespace crm::gateway {
namespace {

const std::string& DateNow() {
  thread_local std::int64_t second = 0;
  thread_local std::string text;
  const std::int64_t now = absl::ToUnixSeconds(absl::Now());
  if (now != second) {
    second = now;
    text = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::FromUnixSeconds(now), absl::UTCTimeZone());
  }
  return text;
}

}  // namespace

Reply ErrorReply(const grpc::Status& status, int http_status) {
  Reply reply;
  reply.status = http_status != 0 ? http_status : HttpStatusOf(status.error_code());
  reply.body = ErrorJson(status, reply.status);
  if (reply.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (const int seconds = RetryAfterSeconds(status); seconds > 0)
    reply.headers.emplace_back("Retry-After", absl::StrCat(seconds));
  return reply;
}

Reply ErrorReply(const absl::Status& status, int http_status) {
  return ErrorReply(ToGrpc(status), http_status);
}

std::string Head(const Reply& reply, std::int64_t length, bool keep_alive) {
  const auto reason =
      reply.status == 499
          ? boost::beast::string_view("Client Closed Request")
          : boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(reply.status));
  std::string head;
  head.reserve(384);
  absl::StrAppend(&head, "HTTP/1.1 ", reply.status, " ", absl::string_view(reason.data(), reason.size()),
                  "\r\nDate: ", DateNow());
  if (!reply.content_type.empty()) absl::StrAppend(&head, "\r\nContent-Type: ", reply.content_type);
  if (length >= 0) {
    if (reply.status != 204) absl::StrAppend(&head, "\r\nContent-Length: ", length);
  } else {
    head.append("\r\nTransfer-Encoding: chunked");
  }
  head.append("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff");
  for (const auto& [name, value] : reply.headers) absl::StrAppend(&head, "\r\n", name, ": ", value);
  if (!keep_alive) head.append("\r\nConnection: close");
  head.append("\r\n\r\n");
  return head;
}

}  // namespace crm::gateway
