#pragma once
#include <atomic>
#include <functional>
#include <initializer_list>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/context.h"
#include "common/rpc/unary.h"
#include "common/status/to_grpc.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/grpcpp.h"

namespace crm::rpc {

struct ServerOptions {
  std::string listen = "127.0.0.1:0";
  bool reflection = false;
  int pollers = 1;  // one or two on two cores beat more
};

namespace internal {

class Tag {  // what a completion queue hands back
 public:
  virtual ~Tag() = default;
  virtual void Proceed(bool ok) = 0;
};

// The full name of the service that declares `method` with this request, in the same file; ends the process
// when there is none.
std::string ServiceOf(const google::protobuf::Descriptor& request, const std::string& method);

// A registered unary method: its name, permission and metrics.
class Method {
 public:
  explicit Method(std::string name);
  const std::string& name() const { return name_; }
  const std::string& permission() const { return permission_; }
  // The metric and the one log line of a finished call.
  void Finished(const Context& context, const absl::Status& status, absl::Time begin) const;

 private:
  struct Metrics;
  const std::string name_, permission_;
  std::shared_ptr<Metrics> metrics_;
};

template <class Service, class Base, class Request, class Response>
class UnaryCall final : public Tag {
 public:
  using Accept = void (Base::*)(grpc::ServerContext*, Request*, grpc::ServerAsyncResponseWriter<Response>*,
                                grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*);
  struct Binding {
    Service& service;
    Accept accept;
    Handler<Request, Response> handler;
    Method method;
    const Gate& gate;
    Executor& canceller;
  };

  UnaryCall(std::shared_ptr<const Binding> binding, grpc::ServerCompletionQueue* queue)
      : binding_(std::move(binding)), queue_(queue), responder_(&server_context_) {
    if (binding_->handler.cancellable) {
      cancellation_ = std::make_shared<db::Cancellation>();
      server_context_.AsyncNotifyWhenDone(&done_);
      ++tags_;
    }
    (binding_->service.*binding_->accept)(&server_context_, &request_, &responder_, queue_, queue_, this);
  }

  void Proceed(bool ok) override {
    if (begin_ != absl::InfinitePast()) return Release();  // the answer is out
    if (!ok) {
      delete this;
      return;
    }
    new UnaryCall(binding_, queue_);  // the next call of this method
    begin_ = absl::Now();
    const Method& method = binding_->method;
    const absl::Status admitted =
        binding_->gate.Admit(server_context_.client_metadata(), server_context_.deadline(), method.name(),
                             method.permission(), context_);
    if (!admitted.ok()) return Finish(admitted);
    context_.cancellation = cancellation_;
    binding_->handler.run(context_, request_,
                          [this](absl::StatusOr<Response> reply) { Finish(std::move(reply)); });
  }

 private:
  // Comes back once per call, when it has been answered or its caller has left.
  class Done final : public Tag {
   public:
    explicit Done(UnaryCall& call) : call_(call) {}
    void Proceed(bool) override {
      if (call_.server_context_.IsCancelled())
        // Not here: it waits for PostgreSQL. Refused under overload, the statement runs to its timeout.
        (void)call_.binding_->canceller.Submit([cancelled = call_.cancellation_] { cancelled->Cancel(); });
      call_.Release();
    }

   private:
    UnaryCall& call_;
  };

  void Finish(absl::StatusOr<Response> reply) {
    binding_->method.Finished(context_, reply.status(), begin_);
    // After this call another thread may already have deleted us.
    if (reply.ok()) {
      responder_.Finish(*reply, grpc::Status::OK, this);
    } else {
      responder_.FinishWithError(ToGrpc(reply.status()), this);
    }
  }

  void Release() {
    if (--tags_ == 0) delete this;
  }

  std::shared_ptr<const Binding> binding_;
  grpc::ServerCompletionQueue* queue_;
  grpc::ServerContext server_context_;
  grpc::ServerAsyncResponseWriter<Response> responder_;
  Request request_;
  Context context_;
  std::shared_ptr<db::Cancellation> cancellation_;
  Done done_{*this};
  std::atomic<int> tags_{1};  // that the queue will still hand back
  absl::Time begin_ = absl::InfinitePast();
};

}  // namespace internal

// A gRPC server with completion queues and very few pollers. Register everything, then Start.
//
//   LeadService::AsyncService service;
//   server.Unary(service, "CaptureLead", &LeadService::AsyncService::RequestCaptureLead, Write(…));
//
// Streaming methods use the callback API on the same service object
// (`LeadService::WithCallbackMethod_ImportLeads<LeadService::AsyncService>`) and call gate().Admit
// themselves.
class Server {
 public:
  Server(ServerOptions options, auth::TokenVerifier& verifier);
  ~Server();

  template <class Service, class Base, class Request, class Response>
  void Unary(Service& service, const std::string& method,
             void (Base::*accept)(grpc::ServerContext*, Request*, grpc::ServerAsyncResponseWriter<Response>*,
                                  grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*),
             Handler<Request, Response> handler) {
    using Call = internal::UnaryCall<Service, Base, Request, Response>;
    const std::string service_name = internal::ServiceOf(*Request::descriptor(), method);
    Add(service, service_name.c_str());
    const std::string name = "/" + service_name + "/" + method;
    bound_.insert(name);
    auto binding = std::make_shared<const typename Call::Binding>(typename Call::Binding{
        service, accept, std::move(handler), internal::Method(name), gate_, canceller_});
    starters_.push_back([binding](grpc::ServerCompletionQueue* queue) { new Call(binding, queue); });
  }

  // A service whose methods are all of the callback API.
  void Add(grpc::Service& service, const char* full_name);

  const Gate& gate() const { return gate_; }

  // Ends the process with a message when a unary method of a registered service has no handler.
  // FAILED_PRECONDITION when the address cannot be bound.
  absl::Status Start();
  int port() const { return port_; }  // the one chosen when `listen` ends in :0

  // Health turns NOT_SERVING, no new call is taken, those under way have until `grace` to end. What `workers`
  // still have in hand then is finished before the completion queues close: its answers go through them.
  // Idempotent.
  void Drain(absl::Duration grace, std::initializer_list<Executor*> workers = {});

 private:
  void CheckAllBound() const;

  const ServerOptions options_;
  Gate gate_;
  Executor canceller_{"cancel", 1, 256};
  std::unique_ptr<grpc::ServerBuilder> builder_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues_;
  std::vector<std::thread> pollers_;
  std::vector<std::function<void(grpc::ServerCompletionQueue*)>> starters_;
  std::set<grpc::Service*> services_;
  std::set<std::string> service_names_, bound_;
  int port_ = 0;
};

}  // namespace crm::rpc
