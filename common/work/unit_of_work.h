#pragma once
#include <atomic>
#include <functional>
#include <vector>

#include "absl/types/span.h"
#include "common/db/transaction.h"
#include "common/work/batch.h"

namespace crm::work {

// Runs a script over a set of commands so that each happens once. The one place that knows: answer what is
// already done (a request_id's stored reply, an event in the inbox, a lost job lease), open the transaction,
// call the script, append its events to the outbox, store replies, inbox rows and job ends, commit; rerun
// when a guard was lost, on 40001/40P01 or when a new key was taken meanwhile (23505), within the longest
// deadline; split a batch that one item's data broke (classes 22 and 23); answer each item. Thread safe.
//
// Calls go first: a set of events or jobs, for which nobody waits, lets calls pass that crowd
// (LetCallsGoFirst).
//
// Round trips of a batch, whatever its size: BEGIN with clock, one for which events or jobs are already done,
// the script's own, one for events, jobs and once-records together, COMMIT. Requests are taken for new: one
// more looks up those that failed, and a set whose record was there runs again and looks first.
class UnitOfWork {
 public:
  struct Hooks {  // called after a commit; must not block
    std::function<void()> events_appended;
    std::function<void()> jobs_scheduled;
  };
  UnitOfWork(db::Pool& pool, std::string service, const Codecs& codecs, Hooks hooks);

  template <class Command>
  using Script = std::function<void(Batch<Command>&, db::Transaction&)>;

  // Waits while calls crowd: while sets of eight calls or more run or have just ended, at most `longest`.
  // For whatever may wait: what calls set in motion competes with them when most of them come.
  void LetCallsGoFirst(absl::Duration longest) const;

  // `script` may run several times; it must change nothing but what it is given. An item that it leaves open
  // is answered with an empty reply.
  template <class Command>
  std::vector<Outcome> Run(absl::Span<const Request<Command>> requests, const Script<Command>& script) {
    std::vector<Member> members;
    members.reserve(requests.size());
    for (const auto& request : requests)
      members.push_back({&request.caller, &request.once, &request.refused});
    return RunErased(members, [&](absl::Time now, absl::Span<const Live> live, db::Transaction& tx) {
      Batch<Command> batch(codecs_, now);
      for (const Live& item : live) batch.Add(requests[item.index].command, *item.slot);
      script(batch, tx);
      return batch.held();
    });
  }

 private:
  struct Member {
    const Caller* caller;
    const Once* once;
    const absl::Status* refused;
  };
  struct Live {  // an item this attempt has to decide
    std::size_t index;
    internal::Slot* slot;
  };
  using ErasedScript = std::function<bool(absl::Time now, absl::Span<const Live>, db::Transaction&)>;
  std::vector<Outcome> RunErased(absl::Span<const Member> members, const ErasedScript& script);
  void RunPart(absl::Span<const Member> members, absl::Span<const std::size_t> part,
               const ErasedScript& script, std::vector<Outcome>& outcomes);

  db::Pool& pool_;
  const std::string service_;
  const Codecs& codecs_;
  const Hooks hooks_;
  std::atomic<int> crowds_{0};               // sets of many calls that are running
  std::atomic<std::int64_t> last_crowd_{0};  // when one ended, in Unix nanoseconds
};

}  // namespace crm::work
