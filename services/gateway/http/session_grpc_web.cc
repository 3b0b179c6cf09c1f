// gRPC-Web, binary and text: the answer is always HTTP 200, the call's status is in the trailer frame.
#include "common/status/errors.h"
#include "common/status/to_grpc.h"
#include "services/gateway/http/session.h"
#include "services/gateway/http/watch.h"

namespace crm::gateway {
namespace {

Reply OnlyTrailers(const grpc::Status& status, grpc_web::Mode mode) {
  Reply reply;
  reply.content_type = grpc_web::ContentTypeOf(mode);
  reply.body = grpc_web::TrailerFrame(status, mode);
  return reply;
}

Reply OnlyTrailers(const absl::Status& status, grpc_web::Mode mode) {
  return OnlyTrailers(ToGrpc(status), mode);
}

std::string HttpChunk(std::string_view content) {
  return absl::StrCat(absl::Hex(content.size()), "\r\n", absl::string_view(content.data(), content.size()),
                      "\r\n");
}

}  // namespace

Task<Reply> Session::GrpcWeb(HeadParser& parser, grpc_web::Mode mode, Request& request, bool& answered) {
  const Method* method = gateway_.routes().FindGrpc(request.path);
  if (method != nullptr) request.method = method->grpc_path;
  const std::size_t limit = gateway_.limits().body_bytes;
  std::string body;
  if (auto refused =
          co_await ReadBody(parser, request, mode == grpc_web::Mode::kText ? limit / 3 * 4 + 4 : limit, body))
    co_return *std::move(refused);
  if (request.verb != "POST" || method == nullptr)
    co_return OnlyTrailers(
        errors::Make(absl::StatusCode::kUnimplemented, "NO_SUCH_METHOD", "there is no such public method"),
        mode);
  auto messages = grpc_web::ReadFrames(body, mode);
  if (!messages.ok()) co_return OnlyTrailers(messages.status(), mode);
  if (!method->descriptor->client_streaming() && messages->size() != 1)
    co_return OnlyTrailers(errors::Make(absl::StatusCode::kInvalidArgument, "MALFORMED_FRAME",
                                        "exactly one message is expected"),
                           mode);
  const auto backend = FindBackend(*method);
  if (!backend.ok()) co_return OnlyTrailers(backend.status(), mode);
  if (method->unary()) co_return co_await GrpcWebCall(**backend, *method, mode, request, messages->front());
  if (!request.takes_chunks)
    co_return OnlyTrailers(
        errors::Make(absl::StatusCode::kUnimplemented, "STREAMING", "streams need HTTP/1.1 or later"), mode);
  Reply reply;
  bool kept = false;
  co_await GrpcWebStream(**backend, *method, mode, request, *std::move(messages), kept);
  answered = true;
  reply.close = !kept;
  co_return reply;
}

Task<Reply> Session::GrpcWebCall(Backend& backend, const Method& method, grpc_web::Mode mode,
                                 const Request& request, const std::string& message) {
  const grpc::ByteBuffer bytes = ToByteBuffer(message);
  Reply reply = co_await Await<Reply>([&](std::function<void(Reply)> done) {
    WatchClient(backend.Call(
        method.grpc_path, bytes, request.call,
        [mode, done = std::move(done)](const grpc::Status& status, const grpc::ByteBuffer& response) {
          Reply reply = OnlyTrailers(status, mode);
          if (status.ok()) reply.body.insert(0, grpc_web::DataFrame(FromByteBuffer(response), mode));
          done(std::move(reply));
        }));
  });
  StopWatching();
  co_return reply;
}

Task<void> Session::GrpcWebStream(Backend& backend, const Method& method, grpc_web::Mode mode,
                                  const Request& request, std::vector<std::string> messages, bool& kept) {
  using Done = std::function<void(bool)>;
  Reply head;
  head.content_type = grpc_web::ContentTypeOf(mode);
  gateway_.AddCorsHeaders(request.origin, head.headers);
  const bool keep_alive = request.keep_alive && !gateway_.draining;
  bool writable = co_await Write(Head(head, -1, keep_alive));
  const auto call = backend.Open(method.grpc_path, request.call);
  WatchClient(call);
  bool open = co_await Await<bool>([&](Done done) { call->Start(std::move(done)); });
  for (const std::string& message : messages) {
    const grpc::ByteBuffer bytes = ToByteBuffer(message);
    open = open && co_await Await<bool>([&](Done done) { call->Write(bytes, std::move(done)); });
  }
  if (open) co_await Await<bool>([&](Done done) { call->WritesDone(std::move(done)); });
  // The next message is asked for when the last one is on its way to the client: back-pressure to the
  // backend.
  while (writable && co_await Await<bool>([&](Done done) { call->Read(std::move(done)); }))
    writable = co_await Write(HttpChunk(grpc_web::DataFrame(FromByteBuffer(call->received), mode)));
  if (!writable) call->Cancel();
  const grpc::Status status = co_await Await<grpc::Status>([&](auto done) { call->Finish(std::move(done)); });
  StopWatching();
  if (writable) writable = co_await Write(HttpChunk(grpc_web::TrailerFrame(status, mode)), "0\r\n\r\n");
  kept = writable && keep_alive;
}

}  // namespace crm::gateway
