#include "common/rpc/unary_call.h"

#include "common/status/to_grpc.h"

namespace crm::rpc {

namespace {
// What generated services offer with each method's own types only.
struct AnyService : grpc::Service {
  static constexpr auto kRequest = &AnyService::RequestAsyncUnary<google::protobuf::Message>;
};
}  // namespace

UnaryCall::UnaryCall(const Binding& binding, grpc::ServerCompletionQueue* queue)
    : binding_(binding), queue_(queue), request_(binding.request.New()) {
  if (binding_.handler.cancellable) {
    cancellation_ = std::make_shared<db::Cancellation>();
    server_context_.AsyncNotifyWhenDone(&done_);
    ++tags_;
  }
  (binding_.service.*AnyService::kRequest)(binding_.index, &server_context_, request_.get(), &writer_, queue_,
                                           queue_, this);
}

void UnaryCall::Proceed(bool ok) {
  if (begin_ != absl::InfinitePast()) return Release();  // the answer is out
  if (!ok) {
    delete this;
    return;
  }
  new UnaryCall(binding_, queue_);  // the next call of this method
  begin_ = absl::Now();
  const Method& method = binding_.method;
  const absl::Status admitted =
      binding_.gate.Admit(server_context_.client_metadata(), server_context_.deadline(), method.name(),
                          method.permission(), context_);
  if (!admitted.ok()) return Finish(admitted, nullptr);
  context_.cancellation = cancellation_;
  binding_.handler.run(context_, *request_, [this](const absl::Status& status, const Message* response) {
    Finish(status, response);
  });
}

void UnaryCall::Done::Proceed(bool) {
  if (call_.server_context_.IsCancelled())
    // Not here: it waits for PostgreSQL. Refused under overload, the statement runs to its timeout.
    (void)call_.binding_.canceller.Submit([cancelled = call_.cancellation_] { cancelled->Cancel(); });
  call_.Release();
}

void UnaryCall::Finish(const absl::Status& status, const Message* response) {
  binding_.method.Finished(context_, status, begin_);
  // After this call another thread may already have deleted us.
  if (status.ok()) {
    writer_.Finish(*response, grpc::Status::OK, this);
  } else {
    writer_.FinishWithError(ToGrpc(status), this);
  }
}

}  // namespace crm::rpc
