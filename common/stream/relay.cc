#include "common/stream/relay.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/db/transaction.h"
#include "common/outbox/outbox.h"
#include "common/stream/lease.h"
#include "common/stream/redis.h"
#include "common/telemetry/log.h"
#include "common/telemetry/metrics.h"

namespace crm::stream {
namespace {

constexpr int kBatch = 512;  // events per shard and round
constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr absl::Duration kShortestPoll = absl::Milliseconds(10);
constexpr absl::Duration kShortestRound =
    absl::Milliseconds(10);  // what is committed meanwhile goes out together
constexpr absl::Duration kTrimEvery = absl::Seconds(10);
constexpr std::int64_t kUnheardLength = 100'000;  // kept for groups that are yet to come

constexpr db::Statement kLoadUnsent = {
    "load_unsent_events",
    "SELECT o.id, o.aggregate_id, o.aggregate_seq, o.recorded_time, o.event FROM unsent_event u"
    " JOIN outbox o ON o.shard = u.shard AND o.id = u.id WHERE u.shard = $1 ORDER BY u.id LIMIT $2"};

// Committed without waiting for the disk: what a crash of the database loses here is sent again. The bounds
// keep the search to where the ids are, whatever the planner believes of a table that is empty when it looks.
constexpr db::Statement kMarkSent = {
    "mark_events_sent",
    "DELETE FROM unsent_event USING set_config('synchronous_commit', 'off', true)"
    " WHERE shard = $1 AND id = ANY($2::uuid[])"
    "   AND id BETWEEN ($2::uuid[])[1] AND ($2::uuid[])[cardinality($2::uuid[])]"
    "   AND EXISTS (SELECT 1 FROM lease WHERE name = $3 AND epoch = $4)"};

struct Unsent {
  Uuid id, aggregate_id;
  std::int64_t aggregate_seq = 0;
  std::string event;
};

// Stream ids are "milliseconds-sequence".
bool IdBefore(const std::string& a, const std::string& b) {
  const auto parse = [](const std::string& id) {
    char* end = nullptr;
    const std::uint64_t millis = std::strtoull(id.c_str(), &end, 10);
    return std::pair(millis, *end == '-' ? std::strtoull(end + 1, nullptr, 10) : 0ULL);
  };
  return parse(a) < parse(b);
}

const RedisReply* Field(const RedisReply& map, std::string_view name) {
  for (std::size_t i = 0; i + 1 < map.items.size(); i += 2)
    if (map.items[i].text == name) return &map.items[i + 1];
  return nullptr;
}

}  // namespace

std::string StreamName(std::string_view source, int shard) {
  return "crm:{" + std::string(source) + "-" + std::to_string(shard) + "}:events";
}

struct Relay::State {
  State(RelayOptions options_in, db::Pool& pool_in)
      : options(std::move(options_in)),
        pool(pool_in),
        redis(options.redis_url),
        sent_events(metrics::Counter("crm_relay_events_total", "Events put into Redis streams")),
        delay(metrics::Latency("crm_relay_delay_seconds",
                               "From an event's commit to its place in the stream")) {
    for (int shard = 0; shard < outbox::kShards; ++shard) {
      leases.push_back(std::make_unique<Lease>(pool, "relay/" + std::to_string(shard), options.lease_term));
      unsent.push_back(&metrics::Gauge("crm_outbox_unsent_events", "Events that wait for the relay",
                                       {{"shard", std::to_string(shard)}}));
    }
  }

  void Loop() {
    absl::Duration poll = kShortestPoll;
    for (;;) {
      options.before_round();
      const absl::Time begin = absl::Now();
      bool sent_any = false, full = false, trouble = false;
      for (int shard = 0; shard < outbox::kShards && !Stopping(); ++shard) {
        const absl::StatusOr<bool> held = leases[static_cast<std::size_t>(shard)]->Hold();
        absl::StatusOr<int> sent = held.ok() ? (*held ? Send(shard) : absl::StatusOr<int>(0)) : held.status();
        Report(sent.status());
        trouble = trouble || !sent.ok();
        sent_any = sent_any || (sent.ok() && *sent > 0);
        full = full || (sent.ok() && *sent == kBatch);
      }
      if (!trouble && absl::Now() >= next_trim) Trim();
      poll = sent_any ? kShortestPoll : std::min(poll * 2, options.idle_poll);
      std::unique_lock lock(mutex);
      if (stopping) break;
      if (trouble) {
        wake.wait_for(lock, absl::ToChronoMilliseconds(options.idle_poll), [this] { return stopping; });
      } else if (!full) {
        wake.wait_for(lock, absl::ToChronoMilliseconds(poll), [this] { return stopping || woken; });
      }
      woken = false;
      lock.unlock();
      if (!full) absl::SleepFor(begin + kShortestRound - absl::Now());
    }
    for (auto& lease : leases) lease->Release();
  }

  bool Stopping() {
    std::lock_guard lock(mutex);
    return stopping;
  }

  // Says each change once, not each failing attempt.
  void Report(const absl::Status& status) {
    if (status.ok() == healthy) return;
    healthy = status.ok();
    if (healthy) {
      LogInfo("relay of ", options.source, ": events flow again");
    } else {
      LogWarn("relay of ", options.source, ": events wait in the outbox: ", status.message());
    }
  }

  // How many events of the shard went out.
  absl::StatusOr<int> Send(int shard) {
    std::vector<Unsent> events;
    absl::Time oldest = absl::InfiniteFuture();
    absl::Status status = db::RunStatements(pool, absl::Now() + kPatience, [&](db::Transaction& tx) {
      for (db::Row row : tx.Query(kLoadUnsent, {shard, kBatch})) {
        Unsent event;
        event.id = row.Next<Uuid>();
        event.aggregate_id = row.Next<Uuid>();
        event.aggregate_seq = row.Next<std::int64_t>();
        oldest = std::min(oldest, row.Next<absl::Time>());
        event.event = row.Next<db::Bytes>().value;
        events.push_back(std::move(event));
      }
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    unsent[static_cast<std::size_t>(shard)]->Set(static_cast<double>(events.size()));
    if (events.empty()) return 0;

    // Ids of two processes may disagree with the order of an aggregate's events: put those of each aggregate
    // in order within the places that they have together.
    absl::flat_hash_map<Uuid, std::vector<std::size_t>> places;
    for (std::size_t i = 0; i < events.size(); ++i) places[events[i].aggregate_id].push_back(i);
    std::vector<std::size_t> order(events.size());
    for (auto& [aggregate, at] : places) {
      std::vector<std::size_t> sorted = at;
      std::sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) {
        return events[a].aggregate_seq < events[b].aggregate_seq;
      });
      for (std::size_t i = 0; i < at.size(); ++i) order[at[i]] = sorted[i];
    }

    const std::string stream = StreamName(options.source, shard);
    std::vector<RedisCommand> commands;
    commands.reserve(events.size());
    for (const std::size_t i : order)
      commands.push_back({"XADD", stream, "*", "e", std::move(events[i].event)});
    const auto replies = redis.Pipeline(commands);
    if (!replies.ok()) return replies.status();

    std::vector<Uuid> sent;
    std::string refused;
    for (std::size_t i = 0; i < order.size(); ++i) {
      if ((*replies)[i].error()) {
        refused = (*replies)[i].text;
      } else {
        sent.push_back(events[order[i]].id);
      }
    }
    std::sort(sent.begin(), sent.end());
    const Lease& lease = *leases[static_cast<std::size_t>(shard)];
    status = db::RunStatements(pool, absl::Now() + kPatience, [&](db::Transaction& tx) {
      tx.Query(kMarkSent, {shard, sent, lease.name(), lease.epoch()});
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    if (!refused.empty()) return absl::UnavailableError("Redis refuses events: " + refused);
    sent_events.Increment(static_cast<double>(sent.size()));
    delay.Observe(absl::ToDoubleSeconds(absl::Now() - oldest));
    return static_cast<int>(sent.size());
  }

  // Cuts each owned stream below what every group has done with. Failing is harmless: it is tried again.
  void Trim() {
    next_trim = absl::Now() + kTrimEvery;
    for (int shard = 0; shard < outbox::kShards; ++shard) {
      if (!leases[static_cast<std::size_t>(shard)]->held()) continue;
      const std::string stream = StreamName(options.source, shard);
      const auto groups = redis.Run({"XINFO", "GROUPS", stream});
      if (!groups.ok()) continue;
      if (groups->items.empty()) {
        redis.Run({"XTRIM", stream, "MAXLEN", "~", std::to_string(kUnheardLength)}).IgnoreError();
        continue;
      }
      std::string lowest;
      bool known = true;
      for (const RedisReply& group : groups->items) {
        const RedisReply* name = Field(group, "name");
        const RedisReply* delivered = Field(group, "last-delivered-id");
        const auto pending = redis.Run({"XPENDING", stream, name != nullptr ? name->text : ""});
        if (!pending.ok() || pending->items.size() < 2 || delivered == nullptr) {
          known = false;
          break;
        }
        const std::string& needed = pending->items[0].integer > 0 ? pending->items[1].text : delivered->text;
        if (lowest.empty() || IdBefore(needed, lowest)) lowest = needed;
      }
      if (known && !lowest.empty()) redis.Run({"XTRIM", stream, "MINID", "~", lowest}).IgnoreError();
    }
  }

  const RelayOptions options;
  db::Pool& pool;
  Redis redis;
  prometheus::Counter& sent_events;
  prometheus::Histogram& delay;
  std::vector<prometheus::Gauge*> unsent;  // at most a batch per shard
  std::vector<std::unique_ptr<Lease>> leases;
  absl::Time next_trim;
  bool healthy = true;

  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false, woken = false;
  std::thread thread;
};

Relay::Relay(RelayOptions options, db::Pool& pool)
    : state_(std::make_unique<State>(std::move(options), pool)) {}

Relay::~Relay() { Stop(); }

void Relay::Start() {
  state_->thread = std::thread([this] { state_->Loop(); });
}

void Relay::Stop() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
}

void Relay::Wake() {
  {
    std::lock_guard lock(state_->mutex);
    state_->woken = true;
  }
  state_->wake.notify_all();
}

}  // namespace crm::stream
