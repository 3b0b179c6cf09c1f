// guanxi-gateway: the only process that faces the world. Owns no data.
#include <malloc.h>
#include <signal.h>

#include <cstdio>

#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "common/base/config.h"
#include "common/telemetry/log.h"
#include "common/telemetry/metrics.h"
#include "services/gateway/http/server.h"
#include "services/gateway/openapi/descriptor_set.h"
#include "services/gateway/openapi/openapi.h"

using namespace crm;

namespace {

Config Settings(int argc, char** argv) {
  Config config("guanxi-gateway", "JSON, gRPC-Web and uploads over HTTP for all services.");
  config.Text("listen", "127.0.0.1:7100", "address of the HTTP server")
      .Text("customer-address", "",
            "gRPC address of the customer service; empty: not part of this installation")
      .Text("opportunity-address", "", "gRPC address of the opportunity service")
      .Text("contract-credit-address", "", "gRPC address of the contract and credit service")
      .Text("analytics-address", "", "gRPC address of the analytics service")
      .Text("allowed-origins", "",
            "origins that browsers may call from, separated by commas; * = any, empty = none")
      .Int("workers", 1, "pairs of threads; one serves two processors")
      .Int("max-connections", 8192, "connections at one time; more are closed")
      .Int("max-body-bytes", 1024 * 1024, "size of a body that is not an upload")
      .Duration("default-deadline", absl::Seconds(5), "deadline of a call that states none")
      .Duration("idle-timeout", absl::Seconds(60),
                "how long a connection may wait between requests or pieces")
      .Duration("grace", absl::Seconds(10), "how long requests under way may take to end after SIGTERM")
      .Text("metrics-listen", "", "another address of GET /metrics; empty: only that of --listen")
      .Text("log-level", "info", "debug, info, warn or error");
  const absl::Status status = config.Parse(argc, argv);
  if (config.help_requested()) {
    std::puts(config.Help().c_str());
    std::exit(0);
  }
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    std::exit(2);
  }
  return config;
}

gateway::GatewayOptions OptionsOf(const Config& config) {
  gateway::GatewayOptions options;
  options.limits.connections = static_cast<std::size_t>(config.Int("max-connections"));
  options.limits.body_bytes = static_cast<std::size_t>(config.Int("max-body-bytes"));
  options.limits.default_deadline = config.Duration("default-deadline");
  options.limits.idle_time = config.Duration("idle-timeout");
  options.allowed_origins = absl::StrSplit(config.Text("allowed-origins"), ',', absl::SkipWhitespace());
  for (const char* name : {"customer", "opportunity", "contract-credit", "analytics"})
    options.backends[name] = config.Text(std::string(name) + "-address");
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  // Debian's Abseil watches every lock of gRPC for deadlocks, a few percent of every call's time.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const Config config = Settings(argc, argv);
  StartLogging("gateway", config.Text("log-level"));
  LogInfo("settings:\n", config.Effective());
  auto routes = gateway::Routes::Of(gateway::LinkedServices(gateway::DescriptorSet()));
  if (!routes.ok()) {
    LogCritical(routes.status().message());
    return 1;
  }
  std::string openapi = gateway::OpenApi(*routes, gateway::DescriptorSet());
  malloc_trim(0);  // the descriptors with comments are not needed any more
  gateway::Gateway shared(OptionsOf(config), *std::move(routes), std::move(openapi));
  std::unique_ptr<metrics::Exposer> exposer;
  try {
    if (const std::string& address = config.Text("metrics-listen"); !address.empty())
      exposer = std::make_unique<metrics::Exposer>(address);
  } catch (const std::exception&) {
    LogCritical("cannot listen on ", config.Text("metrics-listen"), "; choose another with --metrics-listen");
    return 1;
  }
  auto server = gateway::Server::Start(shared, config.Text("listen"),
                                       static_cast<int>(std::max<std::int64_t>(1, config.Int("workers"))));
  if (!server.ok()) {
    LogCritical(server.status().message());
    return 1;
  }
  LogInfo("serving on port ", (*server)->port());

  int received = 0;
  sigwait(&signals, &received);
  LogInfo("draining after signal ", received);
  (*server)->Drain(config.Duration("grace"));
  server->reset();
  LogInfo("stopped");
  StopLogging();
  return 0;
}
