#include "common/stream/partition.h"

#include <thread>

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/stream/relay.h"
#include "common/telemetry/log.h"

namespace crm::stream {
namespace {

constexpr absl::Duration kPendingEvery = absl::Seconds(5);
constexpr absl::Duration kFirstSave = absl::Seconds(2);
constexpr std::size_t kRemembered = 20'000;  // aggregates whose highest seq is kept in memory

}  // namespace

Partition::Partition(const ConsumerOptions& options, const Source& source, int shard,
                     const Handlers& handlers, db::Pool& pool)
    : options_(options),
      source_(source),
      shard_(shard),
      handlers_(handlers),
      stream_(StreamName(source.name, shard)),
      max_held_(static_cast<std::size_t>(options.max_held)),
      principal_(auth::ServicePrincipal(options.name)),
      store_(pool, source.name, shard),
      lease_(pool, "consumer/" + source.name + "/" + std::to_string(shard), options.lease_term),
      redis_(options.redis_url),
      applied_events_(
          metrics::Counter("crm_consumer_events_total", "Events applied", {{"source", source.name}})),
      dead_letters_(
          metrics::Counter("crm_consumer_dead_letters_total", "Events given up", {{"source", source.name}})),
      held_events_(metrics::Gauge("crm_consumer_held_events", "Events in memory that cannot be applied yet",
                                  {{"source", source.name}, {"shard", std::to_string(shard)}})),
      lag_(metrics::Latency("crm_consumer_lag_seconds", "From an event's commit to its application",
                            {{"source", source.name}})) {}

void Partition::Run(const std::atomic<bool>& stopping) {
  while (!stopping) {
    if (!KeepLease()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      continue;
    }
    absl::Status status = ReadStream(stopping);
    redis_away_ =
        status.code() == absl::StatusCode::kUnavailable && errors::Reason(status) == "REDIS_UNAVAILABLE";
    if (redis_away_) NeedReread(kMargin);
    if (!status.ok() || !reread_from_) Report(status);
    if (!status.ok()) std::this_thread::sleep_for(std::chrono::milliseconds(200));
    if (stopping) break;
    RereadIfNeeded(stopping);
    TakeReplays();
    ApplyReady();
    WatchGaps();
    Ack();
    SavePosition();
    held_events_.Set(static_cast<double>(held_));
  }
  if (lease_.held()) {
    next_save_ = absl::InfinitePast();
    SavePosition();
  }
  lease_.Release();
}

// Says each change once, not each failing attempt.
void Partition::Report(const absl::Status& status) {
  if (status.ok() == healthy_) return;
  healthy_ = status.ok();
  if (healthy_) {
    LogInfo("consumer of ", source_.name, "/", shard_, ": events flow again");
  } else {
    LogWarn("consumer of ", source_.name, "/", shard_, ": ", status.message());
  }
}

bool Partition::KeepLease() {
  const absl::StatusOr<bool> held = lease_.Hold();
  if (!held.ok()) Report(held.status());
  if (!held.ok() || !*held) {
    epoch_ = 0;
    return false;
  }
  if (lease_.epoch() == epoch_) return true;
  const absl::Status begun = Begin();
  if (!begun.ok()) Report(begun);
  return begun.ok();
}

// What another reader did in the meantime is not known here: start from what is stored.
absl::Status Partition::Begin() {
  aggregates_.clear();
  applied_.clear();
  acks_.clear();
  held_ = 0;
  auto dead = store_.LoadDeadAggregates();
  if (!dead.ok()) return dead.status();
  dead_ = *std::move(dead);
  auto position = store_.LoadPosition();
  if (!position.ok()) return position.status();
  position_ = *position;
  reread_from_.reset();
  NeedReread(kMargin);
  gap_margin_ = kMargin;
  saved_ = absl::InfinitePast();
  next_reread_ = next_pending_ = next_replays_ = absl::InfinitePast();
  next_save_ = absl::Now() + kFirstSave;
  epoch_ = lease_.epoch();
  return absl::OkStatus();
}

absl::Status Partition::EnsureGroup() {
  auto reply = redis_.Pipeline({{"XGROUP", "CREATE", stream_, options_.name, "0", "MKSTREAM"}});
  if (!reply.ok()) return reply.status();
  if (reply->front().error() && !reply->front().error("BUSYGROUP"))
    return errors::Unavailable("REDIS_UNAVAILABLE", "Redis: " + reply->front().text);
  // A group that was not there: what Redis had for it, if anything, is only in the source's log.
  if (!reply->front().error()) NeedReread(kMargin);
  return absl::OkStatus();
}

absl::Status Partition::CheckRunId() {
  if (redis_.connections() == connection_ && connection_ != 0) return absl::OkStatus();
  auto run_id = redis_.RunId();
  if (!run_id.ok()) return run_id.status();
  connection_ = redis_.connections();
  if (!run_id_.empty() && *run_id != run_id_) NeedReread(kMargin);
  run_id_ = *std::move(run_id);
  return EnsureGroup();
}

absl::Status Partition::ReadStream(const std::atomic<bool>& stopping) {
  if (absl::Status status = CheckRunId(); !status.ok()) return status;
  if (absl::Now() >= next_pending_) {
    if (absl::Status status = ReadPending(); !status.ok()) return status;
    next_pending_ = absl::Now() + kPendingEvery;
  }
  if (held_ >= max_held_) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return absl::OkStatus();
  }
  const int block = stopping ? 1 : held_ > 0 || reread_from_ ? 50 : 500;
  auto replies = redis_.Pipeline(
      {{"XREADGROUP", "GROUP", options_.name, "reader", "COUNT", std::to_string(options_.read_count), "BLOCK",
        std::to_string(block), "STREAMS", stream_, ">"}},
      absl::Milliseconds(block));
  if (!replies.ok()) return replies.status();
  const RedisReply& reply = replies->front();
  if (reply.error("NOGROUP") || reply.error("UNBLOCKED")) return EnsureGroup();
  if (reply.error()) return errors::Unavailable("REDIS_UNAVAILABLE", "Redis: " + reply.text);
  if (reply.nil() || reply.items.empty() || reply.items[0].items.size() < 2) return absl::OkStatus();
  return TakeEntries(reply.items[0].items[1], nullptr);
}

// What a reader before this one has taken and not acknowledged, in this process or another, as far as there
// is room for it.
absl::Status Partition::ReadPending() {
  for (std::string from = "0"; held_ < max_held_;) {
    auto replies = redis_.Pipeline({{"XREADGROUP", "GROUP", options_.name, "reader", "COUNT",
                                     std::to_string(options_.read_count), "STREAMS", stream_, from}});
    if (!replies.ok()) return replies.status();
    const RedisReply& reply = replies->front();
    if (reply.error("NOGROUP")) return EnsureGroup();
    if (reply.error()) return errors::Unavailable("REDIS_UNAVAILABLE", "Redis: " + reply.text);
    if (reply.items.empty() || reply.items[0].items.size() < 2 || reply.items[0].items[1].items.empty())
      return absl::OkStatus();
    if (absl::Status status = TakeEntries(reply.items[0].items[1], &from); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Partition::TakeEntries(const RedisReply& entries, std::string* last_id) {
  std::vector<Arrival> arrivals;
  for (const RedisReply& entry : entries.items) {
    if (entry.items.size() < 2) continue;
    const std::string& id = entry.items[0].text;
    if (last_id != nullptr) *last_id = id;
    const auto& fields = entry.items[1].items;  // none when the entry was trimmed away
    Event event;
    if (fields.size() < 2 || !event.ParseFromString(fields[1].text) || !Uuid::Parse(event.aggregate_id()) ||
        !Uuid::Parse(event.id()) || event.aggregate_seq() <= 0) {
      // Not an event at all. If it stood for one, the gap that it leaves is filled from the source's log.
      if (fields.size() >= 2)
        LogError("consumer of ", source_.name, "/", shard_, ": entry ", id, " is no event");
      acks_.push_back(id);
      continue;
    }
    arrivals.push_back({std::move(event), id});
  }
  if (absl::Status status = Offer(std::move(arrivals)); !status.ok()) return status;
  ApplyReady();
  Ack();
  return absl::OkStatus();
}

absl::Status Partition::LoadApplied(const std::vector<Uuid>& aggregates) {
  if (aggregates.empty()) return absl::OkStatus();
  auto loaded = store_.LoadApplied(aggregates);
  if (!loaded.ok()) return loaded.status();
  for (const Uuid& id : aggregates) {
    const auto found = loaded->find(id);
    applied_[id] = found == loaded->end() ? 0 : found->second;
  }
  return absl::OkStatus();
}

absl::Status Partition::Offer(std::vector<Arrival> arrivals) {
  if (applied_.size() > kRemembered)
    absl::erase_if(applied_, [this](const auto& entry) { return !aggregates_.contains(entry.first); });
  absl::flat_hash_set<Uuid> unknown;
  for (const Arrival& arrival : arrivals) {
    const Uuid id = *Uuid::Parse(arrival.event.aggregate_id());
    if (!applied_.contains(id)) unknown.insert(id);
  }
  // When this fails the arrivals are forgotten here and come again: from the pending list or the log.
  if (absl::Status status = LoadApplied({unknown.begin(), unknown.end()}); !status.ok()) {
    next_pending_ = absl::InfinitePast();
    return status;
  }
  std::vector<Arrival> parked;
  for (Arrival& arrival : arrivals) {
    const Uuid id = *Uuid::Parse(arrival.event.aggregate_id());
    const std::int64_t seq = arrival.event.aggregate_seq();
    if (seq <= applied_[id]) {
      if (!arrival.stream_id.empty()) acks_.push_back(std::move(arrival.stream_id));
      continue;
    }
    if (dead_.contains(id)) {
      parked.push_back(std::move(arrival));
      continue;
    }
    Aggregate& aggregate = aggregates_[id];
    if (aggregate.waiting.empty()) aggregate.since = absl::Now();
    const auto [at, added] = aggregate.waiting.try_emplace(seq);
    if (added) {
      at->second = {std::move(arrival.event), std::move(arrival.stream_id)};
      ++held_;
    } else if (at->second.stream_id.empty()) {
      at->second.stream_id = std::move(arrival.stream_id);
    } else if (!arrival.stream_id.empty() && arrival.stream_id != at->second.stream_id) {
      acks_.push_back(std::move(arrival.stream_id));  // sent twice by the relay
    }
  }
  return parked.empty() ? absl::OkStatus() : ParkArrivals(parked);
}

absl::Status Partition::ParkArrivals(std::vector<Arrival>& arrivals) {
  std::vector<DeadLetter> letters;
  for (const Arrival& arrival : arrivals)
    letters.push_back(LetterOf(*Uuid::Parse(arrival.event.aggregate_id()), arrival.event, ""));
  if (absl::Status status = store_.Park(letters); !status.ok()) {
    next_pending_ = absl::InfinitePast();
    return status;
  }
  for (Arrival& arrival : arrivals)
    if (!arrival.stream_id.empty()) acks_.push_back(std::move(arrival.stream_id));
  return absl::OkStatus();
}

}  // namespace crm::stream
