// JSON over HTTP: unary calls, uploads and the health report.
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/http/read.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/status/errors.h"
#include "services/gateway/http/patient_call.h"
#include "services/gateway/http/session.h"
#include "services/gateway/http/watch.h"
#include "services/gateway/transcode/json_writer.h"
#include "services/gateway/transcode/request_builder.h"
#include "services/gateway/transcode/scalars.h"

namespace crm::gateway {
namespace {

// Runs on the backend's thread, so that the connection's thread only sends bytes.
Reply ToReply(const Method& method, const grpc::Status& status, const grpc::ByteBuffer& response) {
  if (!status.ok()) return ErrorReply(status);
  const auto message = NewMessage(method.descriptor->output_type());
  if (!message->ParseFromString(FromByteBuffer(response)))
    return ErrorReply(errors::Internal("a backend's answer to " + method.grpc_path + " cannot be parsed"));
  Reply reply;
  WriteJson(*message, reply.body);
  return reply;
}

bool IsJson(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  const auto type = absl::StripAsciiWhitespace({content_type.data(), content_type.size()});
  return type.empty() || absl::EqualsIgnoreCase(type, "application/json");
}

}  // namespace

Task<Reply> Session::Json(HeadParser& parser, Request& request) {
  const std::string_view verb =
      request.verb == "HEAD" ? std::string_view("GET") : std::string_view(request.verb);
  const Routes::Match match = gateway_.routes().Find(verb, request.path);
  if (match.method != nullptr) {
    request.method = match.method->grpc_path;
    if (match.method->upload()) co_return co_await Upload(parser, match, request);
  }
  std::string body;
  if (auto refused = co_await ReadBody(parser, request, gateway_.limits().body_bytes, body))
    co_return *std::move(refused);
  if (match.method == nullptr && match.allow.empty())
    co_return ErrorReply(errors::Make(absl::StatusCode::kNotFound, "NO_SUCH_PATH",
                                      "there is nothing at this path; see /openapi.json"));
  if (match.method == nullptr) {
    Reply reply = ErrorReply(
        errors::Make(absl::StatusCode::kUnimplemented, "WRONG_METHOD", "this path takes " + match.allow),
        405);
    reply.headers.emplace_back("Allow", match.allow);
    co_return reply;
  }
  if (!match.method->unary())
    co_return ErrorReply(
        errors::Make(absl::StatusCode::kUnimplemented, "STREAMING", "call this method by gRPC or gRPC-Web"));
  if (!body.empty() && !IsJson(request.content_type))
    co_return ErrorReply(errors::Make(absl::StatusCode::kInvalidArgument, "WRONG_CONTENT_TYPE",
                                      "send the body as Content-Type: application/json"),
                         415);
  co_return co_await JsonCall(match, request, body);
}

Task<Reply> Session::JsonCall(const Routes::Match& match, const Request& request, const std::string& body) {
  const Method& method = *match.method;
  grpc::ByteBuffer bytes;
  {  // the message, which may take many times the memory of its JSON, does not wait for the answer
    const auto message = BuildRequest(match, request.query, body);
    if (!message.ok()) co_return ErrorReply(message.status());
    bytes = ToByteBuffer((*message)->SerializeAsString());
  }
  const auto backend = FindBackend(method);
  if (!backend.ok()) co_return ErrorReply(backend.status());
  Reply reply = co_await Await<Reply>([&](std::function<void(Reply)> done) {
    WatchClient((*backend)->Call(
        method.grpc_path, bytes, request.call,
        [&method, done = std::move(done)](const grpc::Status& status, const grpc::ByteBuffer& response) {
          done(ToReply(method, status, response));
        }));
  });
  StopWatching();
  co_return reply;
}

Task<Reply> Session::Upload(HeadParser& head, const Routes::Match& match, const Request& request) {
  using Done = std::function<void(bool)>;
  const Method& method = *match.method;
  const auto header = BuildUploadHeader(match, request.query);
  const auto backend = FindBackend(method);
  if (!header.ok() || !backend.ok()) {
    Reply reply = ErrorReply(header.ok() ? backend.status() : header.status());
    reply.close = !head.is_done();
    co_return reply;
  }
  CallOptions options = request.call;
  options.deadline = absl::InfiniteFuture();  // a file takes as long as it takes
  PatientCall call((*backend)->Open(method.grpc_path, options), stream_.get_executor(),
                   gateway_.limits().idle_time);
  cancel_ = [call = call.call()] { call->Cancel(); };
  bool open = co_await call.Step<bool>([&](Done done) { call->Start(std::move(done)); });
  const grpc::ByteBuffer first = ToByteBuffer((*header)->SerializeAsString());
  open = open && co_await call.Step<bool>([&](Done done) { call->Write(first, std::move(done)); });
  bool whole = head.is_done();
  boost::system::error_code error;
  if (open && !whole && !co_await Continue(request)) error = net::error::connection_reset;
  UploadParser parser(std::move(head));
  parser.body_limit(kUnlimited);
  if (open && !whole && !error) {
    error = co_await SendUpload(parser, method, call);
    whole = parser.is_done();
  }
  if (error) {
    call->Cancel();
  } else if (open && whole) {
    WatchClient(call.call());
    co_await call.Step<bool>([&](Done done) { call->WritesDone(std::move(done)); });
  }
  const bool answered = co_await call.Step<bool>([&](Done done) { call->Read(std::move(done)); });
  const grpc::Status status =
      co_await call.Step<grpc::Status>([&](auto done) { call->Finish(std::move(done)); });
  StopWatching();
  Reply reply;
  if (error) {
    reply = Unreadable(error);
  } else if (call.late()) {
    reply = ErrorReply(errors::DeadlineExceeded());
  } else if (status.ok() && !answered) {
    reply = ErrorReply(errors::Internal(method.grpc_path + " ended without an answer"));
  } else {
    reply = ToReply(method, status, call->received);
  }
  reply.close = !whole;
  co_return reply;
}

Task<boost::system::error_code> Session::SendUpload(UploadParser& parser, const Method& method,
                                                    PatientCall& call) {
  std::vector<char> piece(256 * 1024);
  boost::system::error_code error;
  // One piece is read from the client only after the last was taken by the backend: back-pressure to the
  // sender.
  while (!parser.is_done()) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    parser.get().body().more = true;
    stream_.expires_after(absl::ToChronoMilliseconds(gateway_.limits().idle_time));
    co_await http::async_read_some(stream_, buffer_, parser, net::redirect_error(kTask, error));
    if (error == http::error::need_buffer) error = {};
    if (error) break;
    const std::size_t size = piece.size() - parser.get().body().size;
    if (size == 0) continue;
    const grpc::ByteBuffer bytes =
        ToByteBuffer(BuildUploadChunk(method, {piece.data(), size})->SerializeAsString());
    const bool taken = co_await call.Step<bool>(
        [&](std::function<void(bool)> done) { call->Write(bytes, std::move(done)); });
    if (!taken) break;
  }
  co_return error;
}

Task<Reply> Session::Health() {
  if (gateway_.draining)
    co_return ErrorReply(errors::Unavailable("DRAINING", "the gateway is shutting down"));
  if (auto recent = gateway_.RecentHealth()) co_return *std::move(recent);
  Reply reply = co_await Await<Reply>([this](std::function<void(Reply)> done) {
    struct Round {
      std::mutex mutex;
      std::map<std::string, bool> serving;
      std::size_t asked = 0;
      std::function<void(Reply)> done;
    };
    auto round = std::make_shared<Round>();
    round->asked = backends_.size();
    round->done = std::move(done);
    const auto report = [](const std::map<std::string, bool>& serving) {
      bool all = true;
      Reply reply;
      std::string backends;
      for (const auto& [name, up] : serving) {
        all = all && up;
        absl::StrAppend(&backends, backends.empty() ? "" : ",", "\"", name, "\":\"",
                        up ? "SERVING" : "NOT_SERVING", "\"");
      }
      reply.status = all ? 200 : 503;
      reply.body = absl::StrCat("{\"status\":\"", all ? "SERVING" : "NOT_SERVING", "\",\"backends\":{",
                                backends, "}}");
      return reply;
    };
    if (backends_.empty()) return round->done(report({}));
    for (const auto& [name, backend] : backends_) {
      backend->CheckHealth([round, report, name = name](bool serving) {
        std::lock_guard lock(round->mutex);
        round->serving[name] = serving;
        if (round->serving.size() == round->asked) round->done(report(round->serving));
      });
    }
  });
  gateway_.RememberHealth(reply);
  co_return reply;
}

}  // namespace crm::gateway
