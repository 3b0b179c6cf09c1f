#include "bench/load/echo_server.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "crm/customer/v1/customer_service.grpc.pb.h"

namespace crm::bench {
namespace {

namespace v1 = crm::customer::v1;

class EchoCall {
 public:
  EchoCall(v1::CustomerService::AsyncService& service, grpc::ServerCompletionQueue& queue,
           const v1::GetCustomerResponse& reply)
      : service_(service), queue_(queue), reply_(reply), responder_(&context_) {
    service_.RequestGetCustomer(&context_, &request_, &responder_, &queue_, &queue_, this);
  }
  void Proceed(bool ok) {
    if (!ok || finishing_) {
      delete this;
      return;
    }
    new EchoCall(service_, queue_, reply_);
    finishing_ = true;
    responder_.Finish(reply_, grpc::Status::OK, this);
  }

 private:
  v1::CustomerService::AsyncService& service_;
  grpc::ServerCompletionQueue& queue_;
  const v1::GetCustomerResponse& reply_;
  grpc::ServerContext context_;
  v1::GetCustomerRequest request_;
  grpc::ServerAsyncResponseWriter<v1::GetCustomerResponse> responder_;
  bool finishing_ = false;
};

}  // namespace

int RunEchoServer(const std::string& address, const std::string& reply_file) {
  std::ifstream file(reply_file, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  v1::GetCustomerResponse reply;
  if (!reply.ParseFromString(bytes.str())) {
    std::fprintf(stderr, "%s holds no reply\n", reply_file.c_str());
    return 2;
  }
  v1::CustomerService::AsyncService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::ServerCompletionQueue> queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::fprintf(stderr, "cannot listen on %s\n", address.c_str());
    return 1;
  }
  for (int i = 0; i < 100; ++i) new EchoCall(service, *queue, reply);
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<EchoCall*>(tag)->Proceed(ok);
  return 0;
}

}  // namespace crm::bench
