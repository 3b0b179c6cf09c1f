#include "common/stream/partition.h"

#include <spdlog/spdlog.h>

#include <thread>

#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/stream/relay.h"

namespace crm::stream {
namespace {

constexpr absl::Duration kPendingEvery = absl::Seconds(5);
constexpr absl::Duration kFirstSave = absl::Seconds(2);
constexpr absl::Duration kLongestRetry = absl::Seconds(5);
constexpr absl::Duration kApplyDeadline = absl::Seconds(5);
constexpr std::size_t kRemembered = 20'000;  // aggregates whose highest seq is kept in memory

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

outbox::LogPosition PositionOf(const Event& event) {
  return {ToTime(event.recorded_time()), Uuid::Parse(event.id()).value_or(Uuid())};
}

bool Before(const outbox::LogPosition& a, const outbox::LogPosition& b) {
  return std::tie(a.recorded_time, a.id) < std::tie(b.recorded_time, b.id);
}

}  // namespace

Partition::Partition(const ConsumerOptions& options, const Source& source, int shard,
                     const Handlers& handlers, db::Pool& pool)
    : options_(options),
      source_(source),
      shard_(shard),
      handlers_(handlers),
      stream_(StreamName(source.name, shard)),
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
    if (redis_away_) reread_needed_ = true;
    Report(status);
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
    spdlog::info("consumer of {}/{}: events flow again", source_.name, shard_);
  } else {
    spdlog::warn("consumer of {}/{}: {}", source_.name, shard_, std::string(status.message()));
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
  tail_ = {};
  reread_needed_ = true;
  reread_margin_ = gap_margin_ = kMargin;
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
  if (!reply->front().error()) reread_needed_ = true;
  return absl::OkStatus();
}

absl::Status Partition::CheckRunId() {
  if (redis_.connections() == connection_ && connection_ != 0) return absl::OkStatus();
  auto run_id = redis_.RunId();
  if (!run_id.ok()) return run_id.status();
  connection_ = redis_.connections();
  if (!run_id_.empty() && *run_id != run_id_) reread_needed_ = true;
  run_id_ = *std::move(run_id);
  return EnsureGroup();
}

absl::Status Partition::ReadStream(const std::atomic<bool>& stopping) {
  if (absl::Status status = CheckRunId(); !status.ok()) return status;
  if (absl::Now() >= next_pending_) {
    if (absl::Status status = ReadPending(); !status.ok()) return status;
    next_pending_ = absl::Now() + kPendingEvery;
  }
  if (static_cast<int>(held_) >= options_.max_held) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return absl::OkStatus();
  }
  const int block = stopping ? 1 : held_ > 0 || reread_needed_ ? 50 : 500;
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

// What a reader before this one has taken and not acknowledged, in this process or another.
absl::Status Partition::ReadPending() {
  for (std::string from = "0";;) {
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
        spdlog::error("consumer of {}/{}: entry {} is no event", source_.name, shard_, id);
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

// Rounds: of each aggregate the run of events at its front that one handler takes, gathered by handler into
// sets. So a type's events of many aggregates share a transaction, and each aggregate keeps its order.
void Partition::ApplyReady() {
  for (bool progress = true; progress;) {
    progress = false;
    const absl::Time now = absl::Now();
    std::map<std::size_t, Ready> ready;
    for (auto& [id, aggregate] : aggregates_) {
      if (aggregate.waiting.empty() || aggregate.not_before > now) continue;
      std::int64_t next = applied_[id] + 1;
      if (aggregate.waiting.begin()->first != next) continue;
      const std::size_t handler = handlers_.Of(aggregate.waiting.begin()->second.event.type());
      int run = 0;
      for (const auto& [seq, waiting] : aggregate.waiting) {
        if (seq != next++ || handlers_.Of(waiting.event.type()) != handler || run++ == options_.max_set)
          break;
        ready[handler].emplace_back(id, seq);
      }
    }
    const std::size_t before = held_;
    for (const auto& [handler, events] : ready) {
      for (std::size_t at = 0; at < events.size(); at += static_cast<std::size_t>(options_.max_set)) {
        if (!KeepLease()) return;
        ApplySet(handler,
                 absl::MakeConstSpan(events).subspan(at, static_cast<std::size_t>(options_.max_set)));
      }
    }
    progress = held_ < before;
    for (auto it = aggregates_.begin(); it != aggregates_.end();)
      if (it->second.waiting.empty()) {
        aggregates_.erase(it++);
      } else {
        ++it;
      }
  }
}

void Partition::ApplySet(std::size_t handler, absl::Span<const std::pair<Uuid, std::int64_t>> set) {
  std::vector<work::Request<Event>> requests;
  std::vector<std::pair<Uuid, std::int64_t>> members;
  for (const auto& [id, seq] : set) {
    // A set before this one of the same round may have failed for this aggregate, or the lease changed hands.
    const auto aggregate = aggregates_.find(id);
    if (aggregate == aggregates_.end() || applied_[id] >= seq) continue;
    const auto waiting = aggregate->second.waiting.find(seq);
    if (waiting == aggregate->second.waiting.end()) continue;
    work::Request<Event> request;
    request.caller.principal = principal_;
    request.caller.deadline = absl::Now() + kApplyDeadline;
    request.caller.traceparent = waiting->second.event.traceparent();
    request.command = waiting->second.event;
    request.once = work::EventKey{source_.name, *Uuid::Parse(request.command.id()), id, seq};
    requests.push_back(std::move(request));
    members.emplace_back(id, seq);
  }
  if (requests.empty()) return;
  std::vector<work::Outcome> outcomes;
  try {
    outcomes = handlers_.apply[handler](requests);
  } catch (const std::exception& bug) {
    outcomes.assign(requests.size(), errors::Internal(bug.what()));
  }
  if (outcomes.size() != requests.size())
    outcomes.resize(requests.size(), errors::Internal("the handler answered too few outcomes"));

  absl::flat_hash_set<Uuid> stopped;  // aggregates of which an event failed: those behind it stay
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto& [id, seq] = members[i];
    if (stopped.contains(id)) continue;
    const auto found = aggregates_.find(id);
    if (found == aggregates_.end()) continue;
    Aggregate& aggregate = found->second;
    if (outcomes[i].ok()) {
      const auto at = aggregate.waiting.find(seq);
      const outbox::LogPosition position = PositionOf(at->second.event);
      if (!position_ || Before(*position_, position)) position_ = position;
      lag_.Observe(absl::ToDoubleSeconds(absl::Now() - position.recorded_time));
      applied_[id] = seq;
      aggregate.attempts = aggregate.troubles = 0;
      aggregate.since = absl::Now();
      applied_events_.Increment();
      Drop(aggregate, at);
    } else {
      stopped.insert(id);
      Failed(id, aggregate, outcomes[i].status());
    }
  }
}

void Partition::Failed(const Uuid& id, Aggregate& aggregate, const absl::Status& status) {
  if (errors::Reason(status) == "EVENT_GAP") {
    applied_.erase(id);  // the inbox knows better than this memory
    if (!LoadApplied({id}).ok()) applied_[id] = 0;
    while (!aggregate.waiting.empty() && aggregate.waiting.begin()->first <= applied_[id])
      Drop(aggregate, aggregate.waiting.begin());
    aggregate.not_before = absl::Now() + options_.retry_after;
    return;
  }
  bool passing = false;
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
      passing = true;
      break;
    case absl::StatusCode::kInvalidArgument:
      return Bury(id, aggregate, std::string(status.message()));
    default:
      if (++aggregate.attempts >= options_.attempts)
        return Bury(id, aggregate, std::string(status.message()));
  }
  const int doublings = std::min(passing ? aggregate.troubles++ : aggregate.attempts - 1, 10);
  aggregate.not_before = absl::Now() + std::min(options_.retry_after * (1 << doublings), kLongestRetry);
}

DeadLetter Partition::LetterOf(const Uuid& aggregate, const Event& event, std::string reason) const {
  DeadLetter letter;
  letter.source = source_.name;
  letter.shard = shard_;
  letter.aggregate_id = aggregate;
  letter.aggregate_seq = event.aggregate_seq();
  letter.event_id = Uuid::Parse(event.id()).value_or(Uuid());
  letter.type = event.type();
  letter.event = event.SerializeAsString();
  letter.reason = std::move(reason);
  return letter;
}

void Partition::Bury(const Uuid& id, Aggregate& aggregate, const std::string& reason) {
  std::vector<DeadLetter> letters;
  for (const auto& [seq, waiting] : aggregate.waiting)
    letters.push_back(LetterOf(id, waiting.event,
                               !letters.empty() ? ""
                               : reason.empty() ? "failed without a reason"
                                                : reason));
  if (!store_.Bury(letters).ok()) {
    aggregate.not_before = absl::Now() + options_.retry_after;
    return;
  }
  spdlog::error("consumer of {}/{}: {} {} of {} {} is a dead letter: {}", source_.name, shard_,
                letters[0].type, aggregate.waiting.begin()->second.event.id(),
                aggregate.waiting.begin()->second.event.aggregate_type(), id.ToString(), reason);
  dead_letters_.Increment();
  dead_.insert(id);
  while (!aggregate.waiting.empty()) Drop(aggregate, aggregate.waiting.begin());
}

void Partition::Drop(Aggregate& aggregate, std::map<std::int64_t, Waiting>::iterator at) {
  if (!at->second.stream_id.empty()) acks_.push_back(std::move(at->second.stream_id));
  aggregate.waiting.erase(at);
  --held_;
}

}  // namespace crm::stream
