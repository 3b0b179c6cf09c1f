#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/uuid.h"
#include "common/db/pool.h"
#include "common/work/batch.h"

namespace crm::schedule {

// A job whose time has come.
struct DueJob {
  int shard = 0;
  Uuid id;
  std::string kind, dedupe_key;
  Uuid subject_id;
  std::string payload;
  absl::Time due;   // when it had to run
  int attempt = 1;  // 1 = the first
};

struct SchedulerOptions {
  std::string name;  // the service, in the names of its queues
  std::string redis_url;
  int workers = 1;                                // threads per queue
  int attempts = 8;                               // then the job is DEAD, visibly
  absl::Duration retry_after = absl::Seconds(1);  // doubles with each attempt, at most 5 minutes
  int backlog = 1024;                             // hints in a queue, beyond which nothing is claimed for it
  absl::Duration lease_term = absl::Seconds(15);  // of a claimed job
  std::function<void()> before_scan = [] {};      // may wait a little, for what is more urgent
};

// Runs durable jobs when they are due, each with one effect: a finished lease epoch is checked in the
// effect's transaction, because the handler passes each request's `once` on to UnitOfWork::Run. What is due
// is claimed, a hint goes through the job's Redis queue, and any worker of any process takes it; without
// Redis the claimer hands it to its own workers. A lease that runs out is claimed again.
class Scheduler {
 public:
  // Applies a set: one outcome for each, in the same order. UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED and
  // RESOURCE_EXHAUSTED are tried again for ever, anything else `attempts` times.
  template <class Command>
  using Apply = std::function<std::vector<work::Outcome>(absl::Span<const work::Request<Command>>)>;

  Scheduler(SchedulerOptions options, db::Pool& pool);
  ~Scheduler();  // stops

  // Jobs of `kind` come through `queue`. Before Start.
  void On(std::string queue, std::string kind, Apply<DueJob> apply);

  // scheduler.On<AssignLead>("lead-assignment", "assign_lead", ToCommand,
  //                          [&](auto requests) { return AssignLeads(work, requests); });
  template <class Command>
  void On(std::string queue, std::string kind, std::function<Command(const DueJob&)> convert,
          Apply<Command> apply) {
    On(std::move(queue), std::move(kind),
       [convert = std::move(convert),
        apply = std::move(apply)](absl::Span<const work::Request<DueJob>> jobs) {
         std::vector<work::Request<Command>> requests;
         requests.reserve(jobs.size());
         for (const auto& job : jobs) requests.push_back({job.caller, convert(job.command), job.once});
         return apply(requests);
       });
  }

  void Start();
  void Stop();  // finishes the sets in hand

  // A job may be due earlier than known: bind to UnitOfWork::Hooks::jobs_scheduled. Does not block.
  void Wake();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace crm::schedule
