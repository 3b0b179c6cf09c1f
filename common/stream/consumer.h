#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/outbox/outbox.h"
#include "common/work/unit_of_work.h"
#include "crm/event/v1/event.pb.h"

namespace crm::stream {

using Event = crm::event::v1::Event;

// Reads a source's own log behind a position, oldest first, at most `limit`: bound in main.cc to the source's
// ReadEvents RPC. Empty = the end is reached.
using ReadEvents =
    std::function<absl::StatusOr<std::vector<Event>>(int shard, const outbox::LogPosition& after, int limit)>;

// Whose events are heard.
struct Source {
  std::string name;        // "customer"
  ReadEvents read_events;  // the way back when Redis has lost something; may be empty in tests
  int shards = outbox::kShards;
};

struct ConsumerOptions {
  std::string name;  // the service that listens: its group in Redis and its name in leases
  std::string redis_url;
  std::vector<Source> sources;
  int read_count = 256;  // events per read
  int max_held = 20000;  // events in memory per partition
  int attempts = 5;      // of an event that fails with more than a passing trouble
  absl::Duration retry_after = absl::Milliseconds(200);  // doubles with each attempt
  absl::Duration gap_patience = absl::Seconds(2);
  absl::Duration lease_term = absl::Seconds(10);
};

// Hears the events of other services. Each partition (source, shard) has one leased reader in all processes
// of this service. Every event is applied once, and those of one aggregate in the order of their
// aggregate_seq: the inbox row and the effect are one transaction, because the handler passes each request's
// `once` on to UnitOfWork::Run. Events without a handler get their inbox row too. An event that keeps failing
// becomes a dead letter, behind which the later events of its aggregate wait (dead_letters.h).
class Consumer {
 public:
  // Applies a set: one outcome for each, in the same order; events of one aggregate stand in order.
  // UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED and RESOURCE_EXHAUSTED are tried again for ever, INVALID_ARGUMENT
  // not at all, anything else `attempts` times.
  template <class Command>
  using Apply = std::function<std::vector<work::Outcome>(absl::Span<const work::Request<Command>>)>;
  // What an event asks for; nullopt = nothing. An error makes the event a dead letter.
  template <class Command>
  using Convert = std::function<absl::StatusOr<std::optional<Command>>(const Event&)>;

  Consumer(ConsumerOptions options, work::UnitOfWork& work, db::Pool& pool);
  ~Consumer();  // stops

  // consumer.On<CreateOpportunity>("LeadConverted", ToCommand,
  //                                [&](auto requests) { return CreateOpportunities(work, requests); });
  // One handler per type, before Start.
  template <class Command>
  void On(const std::string& type, Convert<Command> convert, Apply<Command> apply) {
    On(std::vector<std::string>{type}, [this, convert = std::move(convert), apply = std::move(apply)](
                                           absl::Span<const work::Request<Event>> events) {
      return ApplyConverted<Command>(events, convert, apply);
    });
  }

  // One handler for events of several types: they make common sets.
  void On(std::vector<std::string> types, Apply<Event> apply);

  void Start();
  void Stop();  // finishes the set in hand, gives the leases back

 private:
  template <class Command>
  std::vector<work::Outcome> ApplyConverted(absl::Span<const work::Request<Event>> events,
                                            const Convert<Command>& convert, const Apply<Command>& apply) {
    std::vector<work::Outcome> outcomes(events.size(), std::string());
    std::vector<work::Request<Command>> requests;
    std::vector<work::Request<Event>> nothing;
    std::vector<std::size_t> request_of, nothing_of;
    for (std::size_t i = 0; i < events.size(); ++i) {
      auto command = convert(events[i].command);
      if (!command.ok()) {
        outcomes[i] = absl::InvalidArgumentError(command.status().message());
      } else if (*command) {
        requests.push_back({events[i].caller, *std::move(*command), events[i].once});
        request_of.push_back(i);
      } else {
        nothing.push_back(events[i]);
        nothing_of.push_back(i);
      }
    }
    if (!requests.empty()) Put(apply(requests), request_of, outcomes);
    if (!nothing.empty()) Put(Ignore(nothing), nothing_of, outcomes);
    return outcomes;
  }
  static void Put(std::vector<work::Outcome> from, const std::vector<std::size_t>& at,
                  std::vector<work::Outcome>& to);
  // Writes the inbox rows and nothing else.
  std::vector<work::Outcome> Ignore(absl::Span<const work::Request<Event>> events);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace crm::stream
