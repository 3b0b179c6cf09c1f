#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/config.h"
#include "common/db/pool.h"
#include "common/rpc/executor.h"
#include "common/rpc/server.h"
#include "common/schedule/scheduler.h"
#include "common/stream/consumer.h"
#include "common/work/codecs.h"
#include "common/work/unit_of_work.h"
#include "grpcpp/channel.h"

namespace crm::service {

struct HostOptions {
  std::string name;                // "customer": source of events, metrics, logs
  std::string purpose;             // a sentence for --help
  std::vector<std::string> hears;  // whose events it consumes: "customer", "opportunity", "contract_credit"
  std::vector<std::string> asks;   // which other services it calls
  std::function<void(Config&)> settings = {};  // declares the service's own settings
};

// What every service process consists of: settings, logging, metrics, database, executors, unit of work,
// relay, scheduler, consumer, event log and gRPC server. A service's main.cc makes a Host, binds codecs,
// methods, jobs and events, and runs it:
//
//   int main(int argc, char** argv) {
//     service::Host host({.name = "customer", …}, argc, argv);
//     …
//     return host.Run();
//   }
class Host {
 public:
  // Ends the process with the help text (0) or with every fault of the settings (2).
  Host(HostOptions options, int argc, char** argv);
  ~Host();

  const Config& config() const;
  db::Pool& pool();
  rpc::Executor& reads();    // gets
  rpc::Executor& writes();   // set-based writes
  rpc::Executor& reports();  // lists, searches and reports, which run alone
  work::Codecs& codecs();
  work::UnitOfWork& work();
  schedule::Scheduler& scheduler();
  stream::Consumer& consumer();
  rpc::Server& server();

  // The channel to another service of `asks` or `hears`; its address is --<name>-address.
  std::shared_ptr<grpc::Channel> Peer(const std::string& name);

  // What this service shows the others when it asks on its own behalf; empty without --service-token-file.
  std::string ServiceToken() const;

  // Starts everything, serves until SIGTERM or SIGINT, then drains: no new call, those under way end, sets in
  // hand are finished. The process's exit code.
  int Run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace crm::service
