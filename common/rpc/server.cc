#include "common/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include "common/telemetry/metrics.h"
#include "google/protobuf/descriptor.h"

namespace crm::rpc {
namespace internal {

std::string ServiceOf(const google::protobuf::Descriptor& request, const std::string& method) {
  for (int i = 0; i < request.file()->service_count(); ++i) {
    const auto* service = request.file()->service(i);
    const auto* found = service->FindMethodByName(method);
    if (found != nullptr && found->input_type() == &request) return service->full_name();
  }
  spdlog::critical("no service beside {} has a method {}", request.full_name(), method);
  std::abort();
}

struct Method::Metrics {
  explicit Metrics(const std::string& method)
      : seconds(metrics::Latency("crm_rpc_call_seconds", "Time from a call's arrival to its answer",
                                 {{"method", method}})) {}
  prometheus::Histogram& seconds;
};

Method::Method(std::string name)
    : name_(std::move(name)),
      permission_(Gate::PermissionOf(name_)),
      metrics_(std::make_shared<Metrics>(name_)) {}

void Method::Finished(const Context& context, const absl::Status& status, absl::Time begin) const {
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  metrics_->seconds.Observe(seconds);
  if (!status.ok())
    metrics::Counter("crm_rpc_errors_total", "Calls answered with an error",
                     {{"method", name_}, {"code", absl::StatusCodeToString(status.code())}})
        .Increment();
  spdlog::info(R"("method":"{}","code":"{}","reason":"{}","ms":{:.3f},"principal":"{}","trace":"{}")", name_,
               absl::StatusCodeToString(status.code()), status.ok() ? std::string() : errors::Reason(status),
               seconds * 1000,
               context.caller.principal == nullptr ? std::string() : context.caller.principal->id.ToString(),
               context.caller.traceparent);
}

}  // namespace internal

namespace {
void Poll(grpc::ServerCompletionQueue* queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<internal::Tag*>(tag)->Proceed(ok);
}
}  // namespace

Server::Server(ServerOptions options, auth::TokenVerifier& verifier)
    : options_(std::move(options)), gate_(verifier) {
  grpc::EnableDefaultHealthCheckService(true);
  if (options_.reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  builder_ = std::make_unique<grpc::ServerBuilder>();
  builder_->SetMaxReceiveMessageSize(4 * 1024 * 1024);
  builder_->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder_->AddListeningPort(options_.listen, grpc::InsecureServerCredentials(), &port_);
  for (int i = 0; i < options_.pollers; ++i) queues_.push_back(builder_->AddCompletionQueue());
}

Server::~Server() { Drain(absl::Seconds(1)); }

void Server::Add(grpc::Service& service, const char* full_name) {
  if (!services_.insert(&service).second) return;
  service_names_.insert(full_name);
  builder_->RegisterService(&service);
}

void Server::CheckAllBound() const {
  for (const std::string& service : service_names_) {
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
    for (int i = 0; descriptor != nullptr && i < descriptor->method_count(); ++i) {
      const auto* method = descriptor->method(i);
      if (method->client_streaming() || method->server_streaming()) continue;
      const std::string name = "/" + service + "/" + method->name();
      if (bound_.contains(name)) continue;
      spdlog::critical("{} has no handler", name);
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
    for (const auto& start : starters_) start(queue.get());
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
