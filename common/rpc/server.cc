#include "common/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <pthread.h>

#include "common/rpc/unary_call.h"
#include "common/telemetry/log.h"
#include "google/protobuf/descriptor.h"

namespace crm::rpc {
namespace {

constexpr int kPollers = 1;  // one or two on two cores beat more

// The method of this name with this request, of a service of the request's file.
const google::protobuf::MethodDescriptor& MethodOf(const google::protobuf::Descriptor& request,
                                                   const std::string& name) {
  for (int i = 0; i < request.file()->service_count(); ++i) {
    const auto* method = request.file()->service(i)->FindMethodByName(name);
    if (method != nullptr && method->input_type() == &request) return *method;
  }
  LogCritical("no service beside ", request.full_name(), " has a method ", name);
  std::abort();
}

// The library of reflection puts itself into every server of a process that is linked with it.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins, [](const auto& plugin) {
      return dynamic_cast<const grpc::reflection::ProtoServerReflectionPlugin*>(plugin.get()) != nullptr;
    });
  }
};

void Poll(grpc::ServerCompletionQueue* queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<Tag*>(tag)->Proceed(ok);
}
}  // namespace

Server::Server(ServerOptions options, auth::TokenVerifier& verifier)
    : options_(std::move(options)), gate_(verifier) {
  grpc::EnableDefaultHealthCheckService(true);
  if (options_.reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  builder_ = std::make_unique<grpc::ServerBuilder>();
  if (!options_.reflection) builder_->SetOption(std::make_unique<WithoutReflection>());
  builder_->SetMaxReceiveMessageSize(4 * 1024 * 1024);
  builder_->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder_->AddListeningPort(options_.listen, grpc::InsecureServerCredentials(), &port_);
  for (int i = 0; i < kPollers; ++i) queues_.push_back(builder_->AddCompletionQueue());
}

Server::~Server() { Drain(absl::Seconds(1)); }

void Server::Add(grpc::Service& service, const char* full_name) {
  if (!services_.insert(&service).second) return;
  service_names_.insert(full_name);
  builder_->RegisterService(&service);
}

void Server::Bind(grpc::Service& service, const std::string& method, const google::protobuf::Message& request,
                  AnyHandler handler) {
  const google::protobuf::MethodDescriptor& descriptor = MethodOf(*request.GetDescriptor(), method);
  Add(service, descriptor.service()->full_name().c_str());
  const std::string name = absl::StrCat("/", descriptor.service()->full_name(), "/", method);
  bound_.insert(name);
  bindings_.push_back(std::make_unique<const Binding>(
      Binding{Method(name), service, descriptor.index(), request, std::move(handler), gate_, canceller_}));
}

void Server::CheckAllBound() const {
  for (const std::string& service : service_names_) {
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
    for (int i = 0; descriptor != nullptr && i < descriptor->method_count(); ++i) {
      const auto* method = descriptor->method(i);
      if (method->client_streaming() || method->server_streaming()) continue;
      const std::string name = "/" + service + "/" + method->name();
      if (bound_.contains(name)) continue;
      LogCritical(name, " has no handler");
      std::abort();
    }
  }
}

absl::Status Server::Start() {
  CheckAllBound();
  server_ = builder_->BuildAndStart();
  if (server_ == nullptr || port_ == 0)
    return errors::FailedPrecondition(
        "ADDRESS_IN_USE",
        "cannot listen on " + options_.listen + "; stop what uses it, or choose another with --listen");
  for (const auto& queue : queues_)
    for (const auto& binding : bindings_) new UnaryCall(*binding, queue.get());
  for (const auto& queue : queues_) {
    pollers_.emplace_back([&queue] { Poll(queue.get()); });
    pthread_setname_np(pollers_.back().native_handle(), "poller");
  }
  server_->GetHealthCheckService()->SetServingStatus(true);
  return absl::OkStatus();
}

void Server::Drain(absl::Duration grace, std::initializer_list<Executor*> workers) {
  if (server_ == nullptr) return;
  server_->GetHealthCheckService()->SetServingStatus(false);
  server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  for (Executor* executor : workers) executor->Stop();
  for (const auto& queue : queues_) queue->Shutdown();
  for (std::thread& poller : pollers_) poller.join();
  pollers_.clear();
  server_.reset();
}

}  // namespace crm::rpc
