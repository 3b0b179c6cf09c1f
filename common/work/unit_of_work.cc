#include "common/work/unit_of_work.h"

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"
#include "common/base/jitter.h"
#include "common/status/errors.h"
#include "common/telemetry/log.h"
#include "common/work/once.h"

namespace crm::work {
namespace {

constexpr int kMaxReruns = 12;
constexpr int kMaxRerunsForKeys = 3;  // a key that is taken still is a fault of the data
constexpr absl::Duration kLongestBatch = absl::Seconds(5);
constexpr std::size_t kCrowd = 8;  // so many calls in a set have waited for each other
constexpr absl::Duration kQuiet = absl::Milliseconds(3);
constexpr absl::Duration kLongestYield = absl::Milliseconds(500);

absl::Status Reused() {
  return errors::Make(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED",
                      "this request_id was used for another request; use a new one for each new write",
                      {{"field", "request_id"}});
}

// A key that was to be new is there by now.
bool IsKeyTaken(const db::Error& error) { return error.sqlstate() == "23505"; }

// Answers `slot` with what it was answered before. False: it is a new request.
bool AnswerAgain(internal::Slot& slot, const internal::Replies& replies) {
  const auto* request = std::get_if<RequestKey>(slot.once);
  const auto known = request == nullptr ? replies.end() : replies.find(request->key);
  if (known == replies.end()) return false;
  slot.outcome = Reused();
  if (known->second.body_hash == request->body_hash) slot.outcome = known->second.reply;
  return true;
}

// What failed may have failed because it had happened.
void AnswerRepeated(db::Transaction& tx, std::vector<internal::Slot>& slots) {
  std::vector<const Once*> failed;
  for (const internal::Slot& slot : slots)
    if (!slot.outcome.ok()) failed.push_back(slot.once);
  const internal::Replies replies = internal::LoadReplies(tx, failed);
  for (internal::Slot& slot : slots)
    if (!slot.outcome.ok()) AnswerAgain(slot, replies);
}

absl::Status LeaseLost() {
  return errors::FailedPrecondition("LEASE_LOST", "another worker has this job now");
}

absl::Status Gap() {
  return errors::FailedPrecondition("EVENT_GAP", "an earlier event of this aggregate has not been applied");
}

}  // namespace

UnitOfWork::UnitOfWork(db::Pool& pool, std::string service, const Codecs& codecs, Hooks hooks)
    : pool_(pool), service_(std::move(service)), codecs_(codecs), hooks_(std::move(hooks)) {}

std::vector<Outcome> UnitOfWork::RunErased(absl::Span<const Member> members, const ErasedScript& script) {
  std::vector<Outcome> outcomes(members.size(), Outcome(std::string()));
  std::vector<std::size_t> part;
  std::vector<std::pair<std::size_t, std::size_t>> repeats;  // of an equal request_id in this batch
  absl::flat_hash_map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto* request = std::get_if<RequestKey>(members[i].once);
    if (request != nullptr) {
      const auto [found, added] = first.try_emplace(request->key, i);
      if (!added) {
        const auto& original = std::get<RequestKey>(*members[found->second].once);
        if (original.body_hash != request->body_hash) {
          outcomes[i] = Reused();
        } else {
          repeats.emplace_back(i, found->second);
        }
        continue;
      }
    }
    part.push_back(i);
  }
  if (!part.empty()) {
    const bool calls = !first.empty();
    const bool crowd = calls && members.size() >= kCrowd;
    if (!calls) LetCallsGoFirst(kLongestYield);
    if (crowd) ++crowds_;
    const absl::Cleanup gone = [&] {
      if (!crowd) return;
      last_crowd_ = absl::GetCurrentTimeNanos();
      --crowds_;
    };
    RunPart(members, part, script, outcomes);
  }
  for (const auto& [repeat, original] : repeats) outcomes[repeat] = outcomes[original];
  return outcomes;
}

void UnitOfWork::LetCallsGoFirst(absl::Duration longest) const {
  const absl::Time latest = absl::Now() + longest;
  for (absl::Time now = absl::Now(); now < latest; now = absl::Now()) {
    if (crowds_ == 0 && now >= absl::FromUnixNanos(last_crowd_) + kQuiet) return;
    absl::SleepFor(std::min(kQuiet, latest - now));
  }
}

void UnitOfWork::RunPart(absl::Span<const Member> members, absl::Span<const std::size_t> part,
                         const ErasedScript& script, std::vector<Outcome>& outcomes) {
  absl::Time deadline = absl::InfinitePast();
  std::vector<const Once*> keys;
  bool has_requests = false;
  for (const std::size_t index : part) {
    deadline = std::max(deadline, members[index].caller->deadline);
    keys.push_back(members[index].once);
    has_requests = has_requests || std::holds_alternative<RequestKey>(*members[index].once);
  }
  deadline = std::min(deadline, absl::Now() + kLongestBatch);

  const auto fail_all = [&](const absl::Status& status) {
    for (const std::size_t index : part) outcomes[index] = status;
  };
  const auto split = [&] {
    RunPart(members, part.subspan(0, part.size() / 2), script, outcomes);
    RunPart(members, part.subspan(part.size() / 2), script, outcomes);
  };

  std::vector<bool> parked(part.size(), false);  // events behind one that failed in this very batch
  for (int attempt = 1;; ++attempt) {
    // A request is taken for new at first, as nearly all are. Where it is not, its record cannot be written,
    // or it has failed.
    const bool taken_for_new = attempt == 1;
    std::vector<internal::Slot> slots(part.size());
    internal::Records records;
    bool rerun = false;
    try {
      db::RunTransactionOnce(pool_, deadline, [&](db::Transaction& tx) {
        const internal::Replies replies =
            taken_for_new ? internal::Replies() : internal::LoadReplies(tx, keys);
        const internal::Recorded recorded = internal::LoadRecorded(tx, keys);
        auto heard = recorded.heard;
        std::vector<Live> live;
        for (std::size_t i = 0; i < part.size(); ++i) {
          internal::Slot& slot = slots[i];
          slot.caller = members[part[i]].caller;
          slot.once = keys[i];
          bool done = AnswerAgain(slot, replies);
          const absl::Status& refused = *members[part[i]].refused;
          if (const auto* event = std::get_if<EventKey>(keys[i])) {
            std::int64_t& last = heard[{event->source, event->aggregate_id}];
            if (parked[i] || event->aggregate_seq > last + 1) {
              done = true;
              slot.outcome = Gap();
            } else if (event->aggregate_seq <= last) {
              done = true;  // applied before
            } else if (refused.ok()) {
              last = event->aggregate_seq;
            }
          } else if (const auto* job = std::get_if<JobLease>(keys[i])) {
            const auto leased = recorded.leased.find(job->job_id);
            if (leased == recorded.leased.end() || leased->second != job->epoch) {
              done = true;
              slot.outcome = LeaseLost();
            }
          }
          if (!done && !refused.ok()) {
            done = true;
            slot.outcome = refused;
          }
          slot.open = !done;
          if (!done) live.push_back({part[i], &slot});
        }
        if (!live.empty() && !script(tx.now(), live, tx)) return rerun = true, false;

        absl::flat_hash_map<std::pair<std::string, Uuid>, bool> broken;
        for (const Live& item : live) {
          internal::Slot& slot = *item.slot;
          if (const auto* event = std::get_if<EventKey>(slot.once)) {
            bool& stopped = broken[{event->source, event->aggregate_id}];
            if (stopped) parked[static_cast<std::size_t>(&slot - slots.data())] = rerun = true;
            stopped = stopped || !slot.outcome.ok();
          }
          if (!slot.outcome.ok()) continue;
          for (const outbox::PendingEvent& event : slot.events)
            records.events.push_back(
                outbox::Seal(event, service_, *slot.caller->principal, slot.caller->traceparent, tx.now()));
          for (auto& [key, job] : slot.jobs) records.jobs.insert_or_assign(key, std::move(job));
          if (const auto* request = std::get_if<RequestKey>(slot.once))
            records.replies.emplace_back(request, &*slot.outcome);
          else if (const auto* event = std::get_if<EventKey>(slot.once))
            records.heard.push_back(event);
          else if (const auto* job = std::get_if<JobLease>(slot.once))
            records.finished.push_back(job);
        }
        if (rerun) return false;
        rerun = !internal::SaveRecords(tx, records);
        if (!rerun) AnswerRepeated(tx, slots);
        return !rerun && !live.empty();
      });
      if (!rerun) {
        for (std::size_t i = 0; i < part.size(); ++i) outcomes[part[i]] = std::move(slots[i].outcome);
        if (!records.events.empty() && hooks_.events_appended) hooks_.events_appended();
        if (!records.jobs.empty() && hooks_.jobs_scheduled) hooks_.jobs_scheduled();
        return;
      }
    } catch (const db::Error& error) {
      const bool another_way = taken_for_new && has_requests && error.data_fault();
      const bool others_were_faster =
          error.retryable() || (IsKeyTaken(error) && attempt <= kMaxRerunsForKeys);
      if (!another_way && !others_were_faster) {
        if (error.data_fault() && part.size() > 1) return split();
        return fail_all(error.ToStatus());
      }
    } catch (const std::exception& bug) {
      return fail_all(errors::Internal(bug.what()));
    }
    if (absl::Now() >= deadline) return fail_all(errors::DeadlineExceeded());
    if (attempt == kMaxReruns) {
      if (part.size() > 1) return split();
      return fail_all(errors::Make(absl::StatusCode::kAborted, "CONTENTION",
                                   "too much is changing at once; repeat under the same request_id"));
    }
    if (attempt > 1) SleepJitter(attempt);
  }
}

}  // namespace crm::work
