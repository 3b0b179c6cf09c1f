#include "common/service/host.h"

#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "absl/synchronization/mutex.h"
#include "common/db/transaction.h"
#include "common/service/dead_letter_service.h"
#include "common/service/event_log_service.h"
#include "common/service/housekeeping.h"
#include "common/stream/relay.h"
#include "common/telemetry/log.h"
#include "common/telemetry/metrics.h"

namespace crm::service {
namespace {

constexpr absl::Duration kLongestYield = absl::Milliseconds(100);  // of relay and due-scan to calls
constexpr absl::Duration kGrace = absl::Seconds(10);
constexpr absl::Duration kHousekeeping = absl::Minutes(1);
// Of a peer: a thousand records with what people usually write about them, and far more.
constexpr int kLargestAnswer = 64 << 20;

std::string FlagOf(std::string peer) {
  std::replace(peer.begin(), peer.end(), '_', '-');
  return peer + "-address";
}

std::string ReadFile(const std::string& path) {
  if (path.empty()) return "";
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    std::fprintf(stderr, "cannot read %s; check the path and its permissions\n", path.c_str());
    std::exit(2);
  }
  return text.str();
}

std::string Trimmed(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text;
}

Config Settings(const HostOptions& options, int argc, char** argv) {
  Config config("guanxi-" + options.name, options.purpose);
  config.Text("listen", "127.0.0.1:0", "address of the gRPC server")
      .Required("database-url", "connection string of this service's role", Config::Show::kUrl)
      .Int("database-connections", 4, "connections of the pool; few are faster than many")
      .Text("redis-url", "redis://127.0.0.1:6379", "queues and streams", Config::Show::kUrl)
      .Required("token-keys", "file with the PEM public keys that tokens are verified with")
      .Text("token-issuer", "guanxi", "issuer (iss) that tokens must name")
      .Text("token-audience", "guanxi", "audience (aud) that tokens must name")
      .Text("service-token-file", "", "file with the token this service calls others with")
      .Text("metrics-listen", "", "address of GET /metrics; empty: none")
      .Bool("reflection", false, "serve gRPC reflection")
      .Text("log-level", "info", "debug, info, warn or error");
  std::set<std::string> peers(options.hears.begin(), options.hears.end());
  peers.insert(options.asks.begin(), options.asks.end());
  for (const std::string& peer : peers)
    config.Required(FlagOf(peer), "gRPC address of the " + peer + " service");
  if (options.settings) options.settings(config);
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

}  // namespace

struct Host::State {
  State(HostOptions options_in, int argc, char** argv)
      : options(std::move(options_in)),
        config(Settings(options, argc, argv)),
        pool({.url = config.Text("database-url"),
              .application = "guanxi-" + options.name,
              .size = static_cast<int>(config.Int("database-connections"))}),
        verifier({.public_keys = ReadFile(config.Text("token-keys")),
                  .issuer = config.Text("token-issuer"),
                  .audience = config.Text("token-audience")}),
        server({.listen = config.Text("listen"), .reflection = config.Bool("reflection")}, verifier),
        relay({.source = options.name,
               .redis_url = config.Text("redis-url"),
               .before_round = [this] { work.LetCallsGoFirst(kLongestYield); }},
              pool),
        scheduler({.name = options.name,
                   .redis_url = config.Text("redis-url"),
                   .before_scan = [this] { work.LetCallsGoFirst(kLongestYield); }},
                  pool),
        work(pool, options.name, codecs,
             {.events_appended = [this] { relay.Wake(); }, .jobs_scheduled = [this] { scheduler.Wake(); }}),
        event_log(pool, reports, server.gate()) {}

  std::shared_ptr<grpc::Channel> Peer(const std::string& name) {
    auto& channel = channels[name];
    if (channel == nullptr) {
      grpc::ChannelArguments arguments;
      arguments.SetMaxReceiveMessageSize(kLargestAnswer);
      channel =
          grpc::CreateCustomChannel(config.Text(FlagOf(name)), grpc::InsecureChannelCredentials(), arguments);
    }
    return channel;
  }

  void KeepHouse() {
    std::unique_lock lock(mutex);
    while (!ending.wait_for(lock, absl::ToChronoNanoseconds(kHousekeeping), [this] { return ended; })) {
      lock.unlock();
      ForgetOldReplies(pool);
      lock.lock();
    }
  }

  const HostOptions options;
  const Config config;
  db::Pool pool;
  auth::TokenVerifier verifier;
  work::Codecs codecs;
  rpc::Executor reads{"reads", 2, 4096}, writes{"writes", 2, 4096}, reports{"reports", 2, 256};
  rpc::Server server;
  stream::Relay relay;
  schedule::Scheduler scheduler;
  work::UnitOfWork work;
  EventLogService event_log;
  crm::event::v1::DeadLetterService::AsyncService dead_letters;
  std::unique_ptr<stream::Consumer> consumer;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels;

  std::mutex mutex;
  std::condition_variable ending;
  bool ended = false;
  std::thread housekeeping;
};

Host::Host(HostOptions options, int argc, char** argv) {
  // Debian's Abseil watches every lock of gRPC for deadlocks, a few percent of every call's time.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Before any thread exists: SIGTERM and SIGINT are waited for in Run, a peer that is gone is an error of
  // the write and not of the process.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  state_ = std::make_unique<State>(std::move(options), argc, argv);
  StartLogging(state_->options.name, config().Text("log-level"));
  LogInfo("settings:\n", config().Effective());
  server().Add(state_->event_log, crm::event::v1::EventLogService::service_full_name());
  RegisterDeadLetters(server(), state_->dead_letters, pool(), state_->reports);

  const std::string token = ServiceToken();
  std::vector<stream::Source> sources;
  for (const std::string& source : state_->options.hears)
    sources.push_back({.name = source, .read_events = ReadEventsOf(Peer(source), token)});
  state_->consumer =
      std::make_unique<stream::Consumer>(stream::ConsumerOptions{.name = state_->options.name,
                                                                 .redis_url = config().Text("redis-url"),
                                                                 .sources = std::move(sources)},
                                         work(), pool());
}

Host::~Host() = default;

const Config& Host::config() const { return state_->config; }
db::Pool& Host::pool() { return state_->pool; }
rpc::Executor& Host::reads() { return state_->reads; }
rpc::Executor& Host::writes() { return state_->writes; }
rpc::Executor& Host::reports() { return state_->reports; }
work::Codecs& Host::codecs() { return state_->codecs; }
work::UnitOfWork& Host::work() { return state_->work; }
schedule::Scheduler& Host::scheduler() { return state_->scheduler; }
stream::Consumer& Host::consumer() { return *state_->consumer; }
rpc::Server& Host::server() { return state_->server; }
std::shared_ptr<grpc::Channel> Host::Peer(const std::string& name) { return state_->Peer(name); }

std::string Host::ServiceToken() const { return Trimmed(ReadFile(config().Text("service-token-file"))); }

int Host::Run() {
  std::unique_ptr<metrics::Exposer> exposer;
  try {
    if (const std::string& address = config().Text("metrics-listen"); !address.empty())
      exposer = std::make_unique<metrics::Exposer>(address);
  } catch (const std::exception&) {
    LogCritical("cannot listen on ", config().Text("metrics-listen"),
                "; choose another with --metrics-listen");
    return 1;
  }
  if (const absl::Status status = server().Start(); !status.ok()) {
    LogCritical(status.message());
    return 1;
  }
  state_->relay.Start();
  scheduler().Start();
  consumer().Start();
  state_->housekeeping = std::thread([this] { state_->KeepHouse(); });
  LogInfo("serving on port ", server().port());

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  int received = 0;
  sigwait(&signals, &received);

  LogInfo("draining after signal ", received);
  server().Drain(kGrace, {&reads(), &writes(), &reports()});
  consumer().Stop();
  scheduler().Stop();
  state_->relay.Stop();
  {
    std::lock_guard lock(state_->mutex);
    state_->ended = true;
  }
  state_->ending.notify_all();
  state_->housekeeping.join();
  LogInfo("stopped");
  StopLogging();
  return 0;
}

}  // namespace crm::service
