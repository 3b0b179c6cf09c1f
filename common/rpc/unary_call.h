#pragma once
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/async_unary_call.h>

#include <atomic>
#include <memory>

#include "common/rpc/context.h"
#include "common/rpc/executor.h"
#include "common/rpc/method.h"
#include "common/rpc/unary.h"
#include "google/protobuf/message.h"
#include "grpcpp/grpcpp.h"

namespace crm::rpc {

class Tag {  // what a completion queue hands back
 public:
  virtual ~Tag() = default;
  virtual void Proceed(bool ok) = 0;
};

// How the calls of one unary method reach its handler.
struct Binding {
  Method method;
  grpc::Service& service;
  const int index;  // of the method in its service
  const google::protobuf::Message& request;
  const AnyHandler handler;
  const Gate& gate;
  Executor& canceller;
};

// One call of a unary method, from the wait for its arrival to its answer; it starts the next and deletes
// itself. It knows messages by their base only: a class for each method costs the compiler gRPC's templates
// each time.
class UnaryCall final : public Tag {
 public:
  UnaryCall(const Binding& binding, grpc::ServerCompletionQueue* queue);
  void Proceed(bool ok) override;

 private:
  using Message = google::protobuf::Message;

  // Comes back once per call, when it has been answered or its caller has left.
  class Done final : public Tag {
   public:
    explicit Done(UnaryCall& call) : call_(call) {}
    void Proceed(bool ok) override;

   private:
    UnaryCall& call_;
  };

  void Finish(const absl::Status& status, const Message* response);
  void Release() {
    if (--tags_ == 0) delete this;
  }

  const Binding& binding_;  // of the server, which outlives its queues
  grpc::ServerCompletionQueue* const queue_;
  grpc::ServerContext server_context_;
  grpc::ServerAsyncResponseWriter<Message> writer_{&server_context_};
  const std::unique_ptr<Message> request_;
  Context context_;
  std::shared_ptr<db::Cancellation> cancellation_;
  Done done_{*this};
  std::atomic<int> tags_{1};  // that the queue will still hand back
  absl::Time begin_ = absl::InfinitePast();
};

}  // namespace crm::rpc
