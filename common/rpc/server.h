#pragma once
#include <initializer_list>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/context.h"
#include "common/rpc/unary.h"
#include "grpcpp/grpcpp.h"

namespace crm::rpc {

struct ServerOptions {
  std::string listen = "127.0.0.1:0";
  bool reflection = false;
};

struct Binding;

// A gRPC server with completion queues and very few pollers. Register everything, then Start.
//
//   LeadService::AsyncService service;
//   server.Unary(service, "CaptureLead", Write(…));
//
// Streaming methods use the callback API on the same service object
// (`LeadService::WithCallbackMethod_ImportLeads<LeadService::AsyncService>`) and call gate().Admit
// themselves.
class Server {
 public:
  Server(ServerOptions options, auth::TokenVerifier& verifier);
  ~Server();

  // Ends the process with a message when the request's file declares no service with this method.
  template <class Request, class Response>
  void Unary(grpc::Service& service, const std::string& method, Handler<Request, Response> handler) {
    Bind(service, method, Request::default_instance(), Any(std::move(handler)));
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
  void Bind(grpc::Service& service, const std::string& method, const google::protobuf::Message& request,
            AnyHandler handler);
  void CheckAllBound() const;

  const ServerOptions options_;
  Gate gate_;
  Executor canceller_{"cancel", 1, 256};
  std::unique_ptr<grpc::ServerBuilder> builder_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues_;
  std::vector<std::thread> pollers_;
  std::vector<std::unique_ptr<const Binding>> bindings_;
  std::set<grpc::Service*> services_;
  std::set<std::string> service_names_, bound_;
  int port_ = 0;
};

}  // namespace crm::rpc
