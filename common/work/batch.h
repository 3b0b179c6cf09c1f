#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/auth/principal.h"
#include "common/base/uuid.h"
#include "common/outbox/event.h"
#include "common/status/errors.h"
#include "common/work/codecs.h"

namespace crm::work {

// What makes a command happen once. Its record is written in the transaction of the effect.
struct RequestKey {       // a caller's request_id
  std::string key;        // SHA-256 of principal, method and request_id
  std::string body_hash;  // SHA-256 of the request
};
struct EventKey {  // an event of another service
  std::string source;
  Uuid event_id, aggregate_id;
  std::int64_t aggregate_seq = 0;
};
struct JobLease {  // a due job
  int shard = 0;
  Uuid job_id;
  std::int64_t epoch = 0;
};
using Once = std::variant<std::monostate, RequestKey, EventKey, JobLease>;

// Who asks, and until when the answer is of use.
struct Caller {
  auth::PrincipalRef principal;
  absl::Time deadline = absl::InfiniteFuture();
  std::string traceparent;  // W3C trace context, may be empty
};

template <class Command>
struct Request {
  Caller caller;
  Command command;
  Once once;
  // Why it is not even tried: answered unless it was done before.
  absl::Status refused = absl::OkStatus();
};

// A job to run at `due`. Scheduling one whose dedupe_key still waits or runs moves it; the row of one that is
// done or cancelled is gone.
struct Job {
  std::string kind;   // which handler
  std::string queue;  // which Redis work queue carries its hint
  std::string dedupe_key;
  Uuid subject_id;  // what it is about
  absl::Time due;
  std::string payload;  // the handler's own
};

// The answer to a write: the reply as its codec encoded it, the same bytes for every repetition.
using Outcome = absl::StatusOr<std::string>;

namespace internal {
struct Slot {
  const Caller* caller = nullptr;
  const Once* once = nullptr;
  bool open = true;  // neither failed nor answered
  Outcome outcome = std::string();
  std::vector<outbox::PendingEvent> events;
  std::map<std::string, std::optional<Job>> jobs;  // by dedupe key; empty = cancelled; the last word counts

  void Append(std::string_view aggregate_type, const Uuid& id, std::int64_t seq, absl::Time occurred_time,
              outbox::EncodedEvent event);
  void Schedule(Job job);
  void CancelJob(std::string dedupe_key);
};
}  // namespace internal

// The commands of one transaction, each with its own outcome.
template <class Command>
class Batch {
 public:
  class Item {
   public:
    const Command& operator*() const { return *command_; }
    const Command* operator->() const { return command_; }
    const Caller& caller() const { return *slot_->caller; }

    // Answers this item alone with an error, or with one more; its neighbours go on. Not after Emit: what an
    // item has changed in memory is saved with its neighbours.
    void Fail(absl::Status status) {
      if (!slot_->outcome.ok()) status = errors::Both(slot_->outcome.status(), status);
      slot_->outcome = std::move(status);
      slot_->open = false;
    }
    // Answers with `reply` as it is now.
    template <class Reply>
    void Succeed(const Reply& reply) {
      slot_->outcome = batch_->codecs_->Encode(reply);
      slot_->open = false;
    }
    // Appends `event` to the outbox and advances the aggregate's version, which is its aggregate_seq.
    // Aggregate has id, version and kAggregateType. occurred_time is the batch's clock unless given.
    template <class Aggregate, class Event>
    void Emit(Aggregate& aggregate, const Event& event, absl::Time occurred_time = absl::InfinitePast()) {
      const std::int64_t seq = ++aggregate.version;  // the event tells of the aggregate as it is now
      slot_->Append(Aggregate::kAggregateType, aggregate.id, seq, occurred_time,
                    batch_->codecs_->EncodeEvent(event));
    }
    void Schedule(Job job) { slot_->Schedule(std::move(job)); }
    // The pending or running job of this key will have no effect after the commit.
    void CancelJob(std::string dedupe_key) { slot_->CancelJob(std::move(dedupe_key)); }

   private:
    friend class Batch;
    Item(Batch* batch, const Command* command, internal::Slot* slot)
        : batch_(batch), command_(command), slot_(slot) {}
    Batch* batch_;
    const Command* command_;
    internal::Slot* slot_;
  };

  Batch(const Codecs& codecs, absl::Time now) : codecs_(&codecs), now_(now) {}
  void Add(const Command& command, internal::Slot& slot) { members_.push_back({&command, &slot}); }

  // The database's clock, once per transaction.
  absl::Time now() const { return now_; }

  // The items still open when asked.
  std::vector<Item> items() {
    std::vector<Item> open;
    for (Member& member : members_)
      if (member.slot->open) open.push_back(Item(this, member.command, member.slot));
    return open;
  }

  // Says whether a guarded statement found every row as it was loaded. False: somebody else was faster; the
  // transaction is rolled back and the whole batch runs again on what is true now.
  void Guard(bool held) { held_ = held_ && held; }
  bool held() const { return held_; }

 private:
  struct Member {
    const Command* command;
    internal::Slot* slot;
  };
  const Codecs* codecs_;
  absl::Time now_;
  std::vector<Member> members_;
  bool held_ = true;
};

}  // namespace crm::work
