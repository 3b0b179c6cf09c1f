// How a partition applies what is next for its aggregates, and what becomes of what cannot be applied.

#include "absl/time/clock.h"
#include "common/base/timestamp.h"
#include "common/status/errors.h"
#include "common/stream/partition.h"
#include "common/telemetry/log.h"

namespace crm::stream {
namespace {

constexpr std::size_t kMaxSet = 256;  // events per call of a handler
constexpr absl::Duration kLongestRetry = absl::Seconds(5);
constexpr absl::Duration kApplyDeadline = absl::Seconds(5);

outbox::LogPosition PositionOf(const Event& event) {
  return {ToTime(event.recorded_time()), Uuid::Parse(event.id()).value_or(Uuid())};
}

bool Before(const outbox::LogPosition& a, const outbox::LogPosition& b) {
  return std::tie(a.recorded_time, a.id) < std::tie(b.recorded_time, b.id);
}

}  // namespace

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
      std::size_t run = 0;
      for (const auto& [seq, waiting] : aggregate.waiting) {
        if (seq != next++ || handlers_.Of(waiting.event.type()) != handler || run++ == kMaxSet) break;
        ready[handler].emplace_back(id, seq);
      }
    }
    const std::size_t before = held_;
    for (const auto& [handler, events] : ready) {
      for (std::size_t at = 0; at < events.size(); at += kMaxSet) {
        if (!KeepLease()) return;
        ApplySet(handler, absl::MakeConstSpan(events).subspan(at, kMaxSet));
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
  LogError("consumer of ", source_.name, "/", shard_, ": ", letters[0].type, " ",
           aggregate.waiting.begin()->second.event.id(), " of ",
           aggregate.waiting.begin()->second.event.aggregate_type(), " ", id.ToString(),
           " is a dead letter: ", reason);
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
