// How a partition finds what Redis does not give it: the source's log, replays, acknowledgements and the
// position.

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/timestamp.h"
#include "common/stream/partition.h"
#include "common/telemetry/log.h"

namespace crm::stream {
namespace {

constexpr absl::Duration kReplaysEvery = absl::Seconds(2);
constexpr absl::Duration kSaveEvery = absl::Seconds(2);
constexpr absl::Duration kAwayPoll = absl::Seconds(1);     // of the log, while Redis is away …
constexpr absl::Duration kAwayMargin = absl::Seconds(10);  // … so far back: longer than transactions live
constexpr int kLogPage = 500;
constexpr std::size_t kAckChunk = 1000;

absl::Time RecordedTime(const Event& event) { return ToTime(event.recorded_time()); }

}  // namespace

// A rereading that is still to be done covers what is lost in the meantime too.
void Partition::NeedReread(absl::Duration margin) {
  if (reread_from_) return;
  absl::Time from = position_ ? position_->recorded_time - margin : absl::InfinitePast();
  // A margin that an earlier event of another aggregate still needs.
  for (const auto& [id, aggregate] : aggregates_)
    for (const auto& [seq, waiting] : aggregate.waiting)
      from = std::min(from, RecordedTime(waiting.event) - kMargin);
  reread_from_ = from;
  reread_to_ = absl::InfinitePast();
}

void Partition::RereadIfNeeded(const std::atomic<bool>& stopping) {
  if (source_.read_events == nullptr) reread_from_.reset();
  if (!reread_from_ || absl::Now() < next_reread_) return;
  const absl::Status status = Reread(stopping);
  next_reread_ = absl::Now() + kAwayPoll;
  if (!redis_away_ || !status.ok()) Report(status);
  // While Redis is away the log is all there is, and is read on.
  if (status.ok() && !redis_away_) reread_from_.reset();
}

absl::Status Partition::Reread(const std::atomic<bool>& stopping) {
  const std::int64_t epoch = epoch_;
  outbox::LogPosition from{std::max(*reread_from_, reread_to_ - (redis_away_ ? kAwayMargin : kMargin)), {}};
  for (;;) {
    if (stopping || !KeepLease() || epoch_ != epoch) return absl::UnavailableError("the lease was given up");
    // Twice the room: what fills the gaps of what the stream has brought must still fit in.
    if (held_ >= 2 * max_held_)
      return absl::UnavailableError(
          absl::StrCat(held_, " events wait to be applied; the log has to wait too"));
    auto page = source_.read_events(shard_, from, std::min(kLogPage, options_.max_held));
    if (!page.ok()) return page.status();
    if (page->empty()) return absl::OkStatus();
    std::vector<Arrival> arrivals;
    for (Event& event : *page) {
      const auto id = Uuid::Parse(event.id());
      if (!id || !Uuid::Parse(event.aggregate_id()))
        return absl::DataLossError("the log holds what is no event");
      from = {RecordedTime(event), *id};
      arrivals.push_back({std::move(event), ""});
    }
    if (absl::Status status = Offer(std::move(arrivals)); !status.ok()) return status;
    reread_to_ = from.recorded_time;
    ApplyReady();
    Ack();
  }
}

// An event that should have come before one that waits: the relay may be sending it at this moment, or Redis
// has lost it. Each time that rereading does not find it, the next one goes back further, in the end to the
// beginning.
void Partition::WatchGaps() {
  const absl::Time now = absl::Now();
  if (reread_from_ || source_.read_events == nullptr || now < next_reread_) return;
  bool gap = false;
  for (const auto& [id, aggregate] : aggregates_)
    gap = gap || (!aggregate.waiting.empty() && aggregate.waiting.begin()->first > applied_[id] + 1 &&
                  now - aggregate.since > options_.gap_patience);
  if (!gap) {
    gap_margin_ = kMargin;
    return;
  }
  LogWarn("consumer of ", source_.name, "/", shard_, ": an event is missing; reading the log again");
  NeedReread(gap_margin_);
  gap_margin_ = gap_margin_ > absl::Hours(48) ? absl::InfiniteDuration() : gap_margin_ * 12;
  next_reread_ = now;
}

void Partition::TakeReplays() {
  if (absl::Now() < next_replays_) return;
  next_replays_ = absl::Now() + kReplaysEvery;
  auto letters = store_.TakeReplays(kLogPage);
  if (!letters.ok() || letters->empty()) return;
  std::vector<Arrival> arrivals;
  for (const DeadLetter& letter : *letters) {
    Event event;
    if (!event.ParseFromString(letter.event)) continue;
    dead_.erase(letter.aggregate_id);
    arrivals.push_back({std::move(event), ""});
  }
  if (absl::Status status = Offer(std::move(arrivals)); !status.ok()) Report(status);
}

void Partition::Ack() {
  for (std::size_t at = 0; at < acks_.size(); at += kAckChunk) {
    RedisCommand command = {"XACK", stream_, options_.name};
    const std::size_t end = std::min(at + kAckChunk, acks_.size());
    for (std::size_t i = at; i < end; ++i) command.push_back(acks_[i]);
    // Unanswered ones are pending and are met again.
    if (!redis_.Run(command).ok()) break;
  }
  acks_.clear();
}

void Partition::SavePosition() {
  // While something may be missing from before the position, it has to stay where it is.
  if (absl::Now() < next_save_ || !position_ || reread_from_ || !lease_.held()) return;
  next_save_ = absl::Now() + kSaveEvery;
  outbox::LogPosition position = *position_;
  for (const auto& [id, aggregate] : aggregates_)
    for (const auto& [seq, waiting] : aggregate.waiting)
      if (RecordedTime(waiting.event) <= position.recorded_time)
        position = {RecordedTime(waiting.event), Uuid()};
  if (position.recorded_time == saved_) return;
  if (store_.SavePosition(position, lease_).ok()) saved_ = position.recorded_time;
}

}  // namespace crm::stream
