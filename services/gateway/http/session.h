#pragma once
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>

#include "services/gateway/grpc_web/framing.h"
#include "services/gateway/http/gateway.h"
#include "services/gateway/http/task.h"

namespace crm::gateway {

namespace http = boost::beast::http;

// A parser's limit. Not boost::none, which Beast 1.74 takes for less than any length.
inline constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

// Bytes of a connection that are read and not yet taken. Bounds also the heads of chunks and the trailers,
// for which the parser has no limit.
inline constexpr std::size_t kReadAhead = 64 * 1024;

class PatientCall;
using Backends = std::map<std::string, std::unique_ptr<Backend>, std::less<>>;

// One connection: reads a request, answers it, and so on. Lives on one io_context and its one thread.
class Session {
 public:
  Session(TcpStream stream, Gateway& gateway, const Backends& backends);

  // Ends when the connection does.
  Task<void> Run();

  // Closes the connection if it waits for a request; one that is being answered ends after its answer.
  void CloseIfIdle();
  // Gives up whatever is under way.
  void Abort();

 private:
  using HeadParser = http::request_parser<http::empty_body>;
  using UploadParser = http::request_parser<http::buffer_body>;

  // The request's head, taken apart. `path` and `query` are parts of `target`.
  struct Request {
    std::string verb, target, origin, content_type, traceparent;
    std::string_view path, query;
    std::string method = "other";  // for metrics and log
    CallOptions call;
    bool keep_alive = true;
    bool takes_chunks = true;
    bool expects_continue = false;
    absl::Time begin;
  };

  Task<bool> ReadHead(HeadParser& parser, bool first);
  // One request to its end; false = close the connection.
  Task<bool> Serve(HeadParser& parser);
  Task<Reply> Answer(HeadParser& parser, Request& request, bool& answered);

  Task<Reply> Health();
  Reply Preflight(const HeadParser& parser, const Request& request) const;
  Task<Reply> Json(HeadParser& parser, Request& request);
  Task<Reply> JsonCall(const Routes::Match& match, const Request& request, const std::string& body);
  Task<Reply> Upload(HeadParser& parser, const Routes::Match& match, const Request& request);
  // Ends with the body, the call or an error of the client's.
  Task<boost::system::error_code> SendUpload(UploadParser& parser, const Method& method, PatientCall& call);
  // `answered`: the answer was streamed already.
  Task<Reply> GrpcWeb(HeadParser& parser, grpc_web::Mode mode, Request& request, bool& answered);
  Task<Reply> GrpcWebCall(Backend& backend, const Method& method, grpc_web::Mode mode, const Request& request,
                          const std::string& message);
  Task<void> GrpcWebStream(Backend& backend, const Method& method, grpc_web::Mode mode,
                           const Request& request, std::vector<std::string> messages, bool& kept);

  // The body as text; a reply when it cannot be had. `limit` in bytes.
  Task<std::optional<Reply>> ReadBody(HeadParser& parser, const Request& request, std::size_t limit,
                                      std::string& body);
  // Why a request could not be read. Whoever is gone or too slow does not hear it, but the log does.
  Reply Unreadable(const boost::system::error_code& error) const;
  Task<bool> Write(std::string bytes, std::string more = "");
  Task<bool> Continue(const Request& request);
  // Lets the client read the answer before the connection goes, though it may still be sending.
  Task<void> Linger();

  absl::StatusOr<Backend*> FindBackend(const Method& method) const;
  // Cancels `call` when the client leaves before it is answered.
  template <class Call>
  void WatchClient(const std::shared_ptr<Call>& call);
  void StopWatching();

  TcpStream stream_;
  Gateway& gateway_;
  const Backends& backends_;
  beast::flat_buffer buffer_{kReadAhead};
  bool idle_ = false;
  std::function<void()> cancel_;  // of the call under way
};

}  // namespace crm::gateway
