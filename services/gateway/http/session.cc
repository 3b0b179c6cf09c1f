#include "services/gateway/http/session.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/telemetry/metrics.h"
#include "common/telemetry/trace.h"
#include "prometheus/text_serializer.h"

namespace crm::gateway {
namespace {

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

template <class Fields>
std::string_view Header(const Fields& fields, http::field name) {
  return View(fields[name]);
}
template <class Fields>
std::string_view Header(const Fields& fields, const char* name) {
  return View(fields[name]);
}

// What gRPC can carry as metadata: anything else would end the process inside gRPC.
bool IsMetadata(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

Reply HttpError(int status, absl::StatusCode code, std::string_view reason, std::string_view message) {
  Reply reply = ErrorReply(errors::Make(code, reason, message), status);
  reply.close = true;
  return reply;
}

Reply MalformedHttp(std::string_view what) {
  return HttpError(400, absl::StatusCode::kInvalidArgument, "MALFORMED_HTTP", what);
}

Reply HeaderTooLarge(std::string_view what, std::size_t most) {
  return HttpError(
      431, absl::StatusCode::kInvalidArgument, "HEADER_TOO_LARGE",
      absl::StrCat(absl::string_view(what.data(), what.size()), " may have ", most, " bytes at most"));
}

bool IsHttpError(const boost::system::error_code& error) {
  return error.category() == http::make_error_code(http::error::bad_method).category();
}

// gRPC takes 8 KiB of metadata; what W3C asks to pass on of a tracestate.
constexpr std::size_t kLongestAuthorization = 6 * 1024, kLongestTraceState = 512;

}  // namespace

Session::Session(TcpStream stream, Gateway& gateway, const Backends& backends)
    : stream_(std::move(stream)), gateway_(gateway), backends_(backends) {
  boost::system::error_code ignored;
  stream_.socket().set_option(net::ip::tcp::no_delay(true), ignored);
}

void Session::CloseIfIdle() {
  boost::system::error_code ignored;
  if (idle_) stream_.socket().close(ignored);
}

void Session::Abort() {
  if (cancel_) cancel_();
  boost::system::error_code ignored;
  stream_.socket().close(ignored);
}

Task<void> Session::Run() {
  for (bool first = true; !gateway_.draining; first = false) {
    HeadParser parser;
    if (!co_await ReadHead(parser, first)) break;
    if (!co_await Serve(parser)) break;
  }
  boost::system::error_code ignored;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_both, ignored);
}

Task<bool> Session::ReadHead(HeadParser& parser, bool first) {
  const Limits& limits = gateway_.limits();
  boost::system::error_code error;
  if (buffer_.size() == 0) {
    stream_.expires_after(absl::ToChronoMilliseconds(first ? limits.header_time : limits.idle_time));
    idle_ = true;
    const std::size_t read =
        co_await stream_.async_read_some(buffer_.prepare(8192), net::redirect_error(kTask, error));
    idle_ = false;
    if (error) co_return false;
    buffer_.commit(read);
  }
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser.body_limit(kUnlimited);  // each kind of request has its own
  stream_.expires_after(absl::ToChronoMilliseconds(limits.header_time));
  // The whole head is counted here: Beast's header_limit bounds one line of it.
  for (std::size_t length = 0;;) {
    const std::size_t parsed = parser.put(buffer_.cdata(), error);
    buffer_.consume(parsed);
    length += parsed;
    if (length + (error ? buffer_.size() : 0) > limits.header_bytes) error = http::error::header_limit;
    if (error != http::error::need_more) break;
    const std::size_t read =
        co_await stream_.async_read_some(buffer_.prepare(8192), net::redirect_error(kTask, error));
    if (error == net::error::eof) error = http::error::partial_message;
    if (error) break;
    buffer_.commit(read);
  }
  if (!error) co_return true;
  if (!IsHttpError(error)) co_return false;
  const Reply reply = Unreadable(error);
  gateway_.Answered("-", "-", "other", reply.status, absl::ZeroDuration(), "");
  co_await Write(Head(reply, static_cast<std::int64_t>(reply.body.size()), false), reply.body);
  co_await Linger();
  co_return false;
}

Task<bool> Session::Serve(HeadParser& parser) {
  Request request;
  request.begin = absl::Now();
  bool streamed = false;
  Reply reply = co_await Answer(parser, request, streamed);
  gateway_.Answered(request.verb, request.path, request.method, reply.status, absl::Now() - request.begin,
                    request.traceparent);
  if (streamed) co_return !reply.close && request.keep_alive && !gateway_.draining;
  gateway_.AddCorsHeaders(request.origin, reply.headers);
  const bool keep_alive = request.keep_alive && !reply.close && !gateway_.draining;
  std::string head = Head(reply, static_cast<std::int64_t>(reply.body.size()), keep_alive);
  if (request.verb == "HEAD") reply.body.clear();
  if (!co_await Write(std::move(head), std::move(reply.body))) co_return false;
  if (!keep_alive) co_await Linger();
  co_return keep_alive;
}

Task<Reply> Session::Answer(HeadParser& parser, Request& request, bool& answered) {
  const auto& head = parser.get();
  request.verb = View(head.method_string());
  request.target = View(head.target());
  request.takes_chunks = head.version() == 11;
  request.keep_alive = request.takes_chunks && parser.keep_alive();
  request.origin = Header(head, http::field::origin);
  request.content_type = Header(head, http::field::content_type);
  request.expects_continue =
      request.takes_chunks && beast::iequals(head[http::field::expect], "100-continue");
  if (!IsMetadata(request.origin)) request.origin.clear();

  if ((head.version() == 11 && head.count(http::field::host) != 1) ||
      head.count(http::field::content_length) > 1 || head.count(http::field::transfer_encoding) > 1 ||
      head[http::field::content_length].find(',') != beast::string_view::npos)
    co_return MalformedHttp(
        "exactly one Host, and at most one Content-Length or Transfer-Encoding header is expected");
  // Beast takes any other encoding for none, and would read the body as the next request.
  if (head.count(http::field::transfer_encoding) > 0 &&
      !(request.takes_chunks && beast::iequals(head[http::field::transfer_encoding], "chunked")))
    co_return MalformedHttp("the only Transfer-Encoding is chunked, from HTTP/1.1 on");
  if (const auto encoding = head[http::field::content_encoding];
      !encoding.empty() && !beast::iequals(encoding, "identity"))
    co_return HttpError(415, absl::StatusCode::kInvalidArgument, "WRONG_CONTENT_ENCODING",
                        "send the body without Content-Encoding");
  std::string_view target = request.target;
  if (target.rfind("http://", 0) == 0 || target.rfind("https://", 0) == 0)  // the form proxies use
    target.remove_prefix(std::min(target.size(), target.find('/', target.find("//") + 2)));
  if (const std::size_t hash = target.find('#'); hash != target.npos) target = target.substr(0, hash);
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  request.query = question == target.npos ? std::string_view() : target.substr(question + 1);
  if (request.path.empty() || request.path[0] != '/')
    co_return MalformedHttp("the request's target has to begin with /");

  const std::string_view authorization = Header(head, http::field::authorization);
  if (!IsMetadata(authorization) || head.count(http::field::authorization) > 1)
    co_return HttpError(401, absl::StatusCode::kUnauthenticated, "TOKEN_INVALID",
                        "send one Authorization header: Bearer TOKEN");
  if (authorization.size() > kLongestAuthorization)
    co_return HeaderTooLarge("the Authorization header", kLongestAuthorization);
  if (!authorization.empty()) request.call.metadata.emplace_back("authorization", authorization);
  request.traceparent = TraceparentOr(Header(head, "traceparent"));
  request.call.metadata.emplace_back("traceparent", request.traceparent);
  if (const std::string_view state = Header(head, "tracestate");
      !state.empty() && state.size() <= kLongestTraceState && IsMetadata(state))
    request.call.metadata.emplace_back("tracestate", state);
  const absl::Duration asked = absl::Milliseconds(grpc_web::TimeoutMillis(Header(head, "grpc-timeout")));
  request.call.deadline =
      request.begin + (asked > absl::ZeroDuration() ? std::min(asked, gateway_.limits().max_deadline)
                                                    : gateway_.limits().default_deadline);

  if (request.verb == "OPTIONS" && !request.origin.empty()) co_return Preflight(parser, request);
  const bool get = request.verb == "GET" || request.verb == "HEAD";
  if (get && (request.path == "/healthz" || request.path == "/metrics" || request.path == "/openapi.json")) {
    request.method = std::string(request.path);
    std::string body;
    if (auto refused = co_await ReadBody(parser, request, gateway_.limits().body_bytes, body))
      co_return *std::move(refused);
    if (request.path == "/healthz") co_return co_await Health();
    Reply reply;
    if (request.path == "/openapi.json") {
      reply.body = gateway_.openapi();
    } else {
      reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
      reply.body = prometheus::TextSerializer().Serialize(metrics::Registry().Collect());
    }
    co_return reply;
  }
  grpc_web::Mode mode{};
  if (grpc_web::ModeOf(request.content_type, mode))
    co_return co_await GrpcWeb(parser, mode, request, answered);
  co_return co_await Json(parser, request);
}

Reply Session::Preflight(const HeadParser& parser, const Request& request) const {
  Reply reply;
  reply.content_type.clear();
  reply.close = !parser.is_done();
  if (!gateway_.OriginAllowed(request.origin)) {
    reply.status = 403;
    return reply;
  }
  reply.status = 204;
  reply.headers = {
      {"Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"},
      {"Access-Control-Allow-Headers",
       "authorization, content-type, grpc-timeout, traceparent, tracestate, x-grpc-web, x-user-agent"},
      {"Access-Control-Max-Age", "600"}};
  return reply;
}

Task<std::optional<Reply>> Session::ReadBody(HeadParser& head, const Request& request, std::size_t limit,
                                             std::string& body) {
  const auto too_large = [limit] {
    return HttpError(
        413, absl::StatusCode::kInvalidArgument, "BODY_TOO_LARGE",
        absl::StrCat("the body may have ", limit, " bytes at most; send files to the import paths"));
  };
  if (head.is_done()) co_return std::nullopt;
  const auto length = head.content_length();
  if (length && *length > limit) co_return too_large();
  if (!co_await Continue(request)) co_return Unreadable(net::error::connection_reset);
  http::request_parser<http::string_body> parser(std::move(head));
  parser.body_limit(limit);
  stream_.expires_after(absl::ToChronoMilliseconds(gateway_.limits().body_time));
  boost::system::error_code error;
  co_await http::async_read(stream_, buffer_, parser, net::redirect_error(kTask, error));
  body = std::move(parser.get().body());
  if (error == http::error::body_limit) co_return too_large();
  if (error) co_return Unreadable(error);
  co_return std::nullopt;
}

Reply Session::Unreadable(const boost::system::error_code& error) const {
  if (error == http::error::header_limit)
    return HeaderTooLarge("the request's head", gateway_.limits().header_bytes);
  if (error == http::error::buffer_overflow)
    return HeaderTooLarge("the head of a chunk, and the trailers,", kReadAhead);
  if (IsHttpError(error)) return MalformedHttp("not an HTTP/1.1 request: " + error.message());
  if (error == beast::error::timeout)
    return HttpError(408, absl::StatusCode::kDeadlineExceeded, "TOO_SLOW", "the request came too slowly");
  return HttpError(499, absl::StatusCode::kCancelled, "CLIENT_GONE", "the client is gone");
}

Task<bool> Session::Write(std::string bytes, std::string more) {
  stream_.expires_after(absl::ToChronoMilliseconds(gateway_.limits().idle_time));
  const std::array<net::const_buffer, 2> buffers = {net::buffer(bytes), net::buffer(more)};
  boost::system::error_code error;
  co_await net::async_write(stream_, buffers, net::redirect_error(kTask, error));
  co_return !error;
}

Task<bool> Session::Continue(const Request& request) {
  if (request.expects_continue) co_return co_await Write("HTTP/1.1 100 Continue\r\n\r\n");
  co_return true;
}

Task<void> Session::Linger() {
  boost::system::error_code error;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, error);
  stream_.expires_after(std::chrono::seconds(2));
  for (std::size_t dropped = 0; !error && dropped < 8 * 1024 * 1024;) {
    buffer_.clear();
    dropped += co_await stream_.async_read_some(buffer_.prepare(65536), net::redirect_error(kTask, error));
  }
}

absl::StatusOr<Backend*> Session::FindBackend(const Method& method) const {
  const auto found = backends_.find(method.backend);
  if (found != backends_.end()) return found->second.get();
  return errors::Unavailable("BACKEND_MISSING",
                             "the service " + method.backend + " is not part of this installation");
}

}  // namespace crm::gateway
