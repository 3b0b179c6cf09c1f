#pragma once
#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/db/pool.h"

namespace crm::stream {

struct RelayOptions {
  std::string source;  // the service whose outbox this is: "customer"
  std::string redis_url;
  absl::Duration idle_poll = absl::Milliseconds(500);  // for what other processes have committed
  absl::Duration lease_term = absl::Seconds(10);
  std::function<void()> before_round = [] {};  // may wait a little, for what is more urgent
};

// The name of the Redis stream of one shard of a source's events.
std::string StreamName(std::string_view source, int shard);

// Carries a service's outbox to its Redis streams: at least once, each aggregate's events by aggregate_seq. A
// shard has one leased relay in all processes; a relay that has lost its lease marks nothing. No transaction
// is open while Redis is asked. One thread.
class Relay {
 public:
  Relay(RelayOptions options, db::Pool& pool);
  ~Relay();  // stops

  void Start();
  void Stop();

  // There may be new events: bind to UnitOfWork::Hooks::events_appended. Does not block.
  void Wake();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace crm::stream
