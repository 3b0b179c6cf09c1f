#include "common/schedule/scheduler.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "absl/time/clock.h"
#include "common/auth/principal.h"
#include "common/outbox/outbox.h"
#include "common/schedule/job_store.h"
#include "common/status/errors.h"
#include "common/stream/work_queue.h"
#include "common/telemetry/log.h"
#include "common/telemetry/metrics.h"

namespace crm::schedule {
namespace {

constexpr absl::Duration kApplyDeadline = absl::Seconds(5);
constexpr int kClaim = 256;   // jobs per queue, shard and scan
constexpr int kMaxSet = 128;  // jobs per call of a handler
constexpr absl::Duration kLongestRetry = absl::Minutes(5);
constexpr absl::Duration kBlock = absl::Milliseconds(500);
constexpr absl::Duration kAbandonedEvery = absl::Seconds(5);
constexpr absl::Duration kLongestSleep = absl::Milliseconds(500);
constexpr absl::Duration kShortestScan =
    absl::Milliseconds(10);  // what is scheduled meanwhile is claimed together
constexpr absl::Duration kTroublePause = absl::Milliseconds(200);

bool Passing(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kDeadlineExceeded ||
         status.code() == absl::StatusCode::kAborted || status.code() == absl::StatusCode::kResourceExhausted;
}

}  // namespace

struct Scheduler::State {
  State(SchedulerOptions options_in, db::Pool& pool)
      : options(std::move(options_in)),
        store(pool),
        principal(auth::ServicePrincipal(options.name)),
        lateness(metrics::Latency("crm_job_lateness_seconds", "From a job's due time to its handler")),
        done_jobs(metrics::Counter("crm_jobs_total", "Attempts at jobs", {{"outcome", "done"}})),
        failed_jobs(metrics::Counter("crm_jobs_total", "Attempts at jobs", {{"outcome", "failed"}})),
        dead_jobs(metrics::Counter("crm_jobs_total", "Attempts at jobs", {{"outcome", "dead"}})) {}

  // What is claimed while Redis is away goes to the own workers directly.
  struct Queue {
    explicit Queue(std::string name_in)
        : name(std::move(name_in)),
          waiting(&metrics::Gauge("crm_queue_hints", "Jobs handed to a queue and not finished",
                                  {{"queue", name}})) {}

    const std::string name;
    prometheus::Gauge* const waiting;
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<ClaimedJob> local;
  };

  // Where the scan puts what it claims for a queue.
  struct Outlet {
    Outlet(Queue& queue_in, const std::string& redis_url, const std::string& service)
        : queue(queue_in), redis(redis_url, service, queue_in.name) {}
    Queue& queue;
    stream::WorkQueue redis;
  };

  void Scan() {
    std::map<std::string, Outlet> outlets;
    for (const auto& queue : queues)
      outlets.try_emplace(queue->name, *queue, options.redis_url, options.name);
    while (!stopping) {
      options.before_scan();
      const absl::Time begin = absl::Now();
      std::vector<std::string> open;
      for (auto& [name, outlet] : outlets)
        if (HasRoom(outlet)) open.push_back(name);
      absl::Duration until_next = kLongestSleep;
      bool more = false;
      const auto next_jobs = store.Next(open);
      Report(next_jobs.status());
      for (const NextJob& next : next_jobs.ok() ? *next_jobs : std::vector<NextJob>()) {
        if (next.due > next.now) {
          until_next = std::min(until_next, next.due - next.now);
          continue;
        }
        const auto claimed = store.Claim(next.lane, next.now, kClaim, options.attempts, options.lease_term);
        Report(claimed.status());
        if (!claimed.ok()) break;
        more = more || static_cast<int>(claimed->size()) == kClaim;
        Hand(*claimed, outlets.at(next.lane.queue));
        if (stopping) return;
      }
      if (more) continue;
      std::unique_lock lock(mutex);
      wake.wait_for(lock, absl::ToChronoMicroseconds(until_next),
                    [this] { return stopping.load() || woken; });
      woken = false;
      lock.unlock();
      absl::SleepFor(begin + kShortestScan - absl::Now());
    }
  }

  // Jobs that would only wait in the queue until their lease ends stay in the database.
  bool HasRoom(Outlet& outlet) {
    {
      std::lock_guard lock(outlet.queue.mutex);
      if (static_cast<int>(outlet.queue.local.size()) >= options.backlog) return false;
    }
    const auto size = outlet.redis.Size();
    if (size.ok()) outlet.queue.waiting->Set(static_cast<double>(*size));
    return !size.ok() || *size < options.backlog;
  }

  void Hand(const std::vector<ClaimedJob>& claimed, Outlet& outlet) {
    if (claimed.empty()) return;
    std::vector<std::string> hints;
    for (const ClaimedJob& job : claimed) hints.push_back(job.ToHint());
    if (outlet.redis.Push(hints).ok()) return;
    std::lock_guard lock(outlet.queue.mutex);
    outlet.queue.local.insert(outlet.queue.local.end(), claimed.begin(), claimed.end());
    outlet.queue.arrived.notify_all();
  }

  void Work(Queue& queue) {
    stream::WorkQueue redis(options.redis_url, options.name, queue.name);
    absl::Time next_abandoned = absl::Now() + kAbandonedEvery;
    while (!stopping) {
      std::vector<ClaimedJob> jobs;
      {
        std::lock_guard lock(queue.mutex);
        while (!queue.local.empty() && static_cast<int>(jobs.size()) < kMaxSet) {
          jobs.push_back(queue.local.front());
          queue.local.pop_front();
        }
      }
      if (!jobs.empty()) {
        Apply(jobs);
        continue;
      }
      auto hints = redis.Take(kMaxSet, kBlock);
      if (hints.ok() && hints->empty() && absl::Now() >= next_abandoned) {
        hints = redis.TakeAbandoned(kMaxSet, options.lease_term);
        next_abandoned = absl::Now() + kAbandonedEvery;
      }
      if (!hints.ok()) {
        std::unique_lock lock(queue.mutex);
        queue.arrived.wait_for(lock, absl::ToChronoMilliseconds(kTroublePause),
                               [&] { return stopping.load() || !queue.local.empty(); });
        continue;
      }
      for (const auto& hint : *hints)
        if (auto job = ClaimedJob::FromHint(hint.text)) jobs.push_back(*job);
      Apply(jobs);
      redis.Finish(*hints).IgnoreError();  // unfinished hints come again and are found stale
    }
    redis.Leave();
  }

  void Apply(const std::vector<ClaimedJob>& claimed) {
    if (claimed.empty()) return;
    auto jobs = store.Start(claimed);
    Report(jobs.status());
    if (!jobs.ok()) return;  // their leases run out
    std::map<std::string, std::vector<work::Request<DueJob>>> by_kind;
    for (auto& [job, epoch] : *jobs) {
      work::Request<DueJob> request;
      request.caller.principal = principal;
      request.caller.deadline = absl::Now() + kApplyDeadline;
      request.once = work::JobLease{job.shard, job.id, epoch};
      lateness.Observe(absl::ToDoubleSeconds(absl::Now() - job.due));
      std::string kind = job.kind;
      request.command = std::move(job);
      by_kind[std::move(kind)].push_back(std::move(request));
    }
    for (const auto& [kind, requests] : by_kind) ApplyKind(kind, requests);
  }

  void ApplyKind(const std::string& kind, const std::vector<work::Request<DueJob>>& requests) {
    std::vector<work::Outcome> outcomes;
    const auto handler = handlers.find(kind);
    if (handler == handlers.end()) {
      outcomes.assign(requests.size(), absl::InternalError("no handler for jobs of kind " + kind));
    } else {
      try {
        outcomes = handler->second(requests);
      } catch (const std::exception& bug) {
        outcomes.assign(requests.size(), errors::Internal(bug.what()));
      }
      outcomes.resize(requests.size(), absl::InternalError("the handler answered too few outcomes"));
    }
    std::vector<FailedJob> failed;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (outcomes[i].ok()) {
        done_jobs.Increment();
        continue;
      }
      const absl::Status& status = outcomes[i].status();
      if (errors::Reason(status) == "LEASE_LOST") continue;  // somebody else has it
      failed_jobs.Increment();
      const DueJob& job = requests[i].command;
      const auto& lease = std::get<work::JobLease>(requests[i].once);
      FailedJob failure{job.shard,
                        job.id,
                        lease.epoch,
                        job.attempt,
                        false,
                        options.retry_after * 2,
                        std::string(status.message())};
      if (Passing(status)) {
        failure.attempt = job.attempt - 1;  // not the job's fault
      } else {
        failure.dead = job.attempt >= options.attempts;
        failure.retry_after =
            std::min(options.retry_after * (1 << std::min(job.attempt - 1, 16)), kLongestRetry);
      }
      if (failure.dead) {
        dead_jobs.Increment();
        LogError("job ", job.dedupe_key, " of ", kind, " is dead: ", failure.error);
      }
      failed.push_back(std::move(failure));
    }
    Report(store.Fail(failed));
    if (!failed.empty()) Wake();
  }

  void Wake() {
    {
      std::lock_guard lock(mutex);
      woken = true;
    }
    wake.notify_all();
  }

  // Says each change once, not each failing attempt.
  void Report(const absl::Status& status) {
    if (healthy.exchange(status.ok()) == status.ok()) return;
    if (status.ok()) {
      LogInfo("scheduler of ", options.name, ": jobs run again");
    } else {
      LogWarn("scheduler of ", options.name, ": jobs wait: ", status.message());
    }
  }

  const SchedulerOptions options;
  JobStore store;
  const auth::PrincipalRef principal;
  prometheus::Histogram& lateness;
  prometheus::Counter &done_jobs, &failed_jobs, &dead_jobs;
  std::map<std::string, Scheduler::Apply<DueJob>> handlers;  // by kind
  std::vector<std::unique_ptr<Queue>> queues;
  std::atomic<bool> healthy = true, stopping = false;

  std::mutex mutex;
  std::condition_variable wake;
  bool woken = false;
  std::vector<std::thread> threads;
};

Scheduler::Scheduler(SchedulerOptions options, db::Pool& pool)
    : state_(std::make_unique<State>(std::move(options), pool)) {}

Scheduler::~Scheduler() { Stop(); }

void Scheduler::On(std::string queue, std::string kind, Apply<DueJob> apply) {
  state_->handlers[std::move(kind)] = std::move(apply);
  for (const auto& known : state_->queues)
    if (known->name == queue) return;
  state_->queues.push_back(std::make_unique<State::Queue>(std::move(queue)));
}

void Scheduler::Start() {
  if (state_->queues.empty()) return;
  state_->threads.emplace_back([this] { state_->Scan(); });
  for (const auto& queue : state_->queues)
    for (int i = 0; i < state_->options.workers; ++i)
      state_->threads.emplace_back([this, queue = queue.get()] { state_->Work(*queue); });
}

void Scheduler::Stop() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  for (const auto& queue : state_->queues) {
    std::lock_guard lock(queue->mutex);
    queue->arrived.notify_all();
  }
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
}

void Scheduler::Wake() { state_->Wake(); }

}  // namespace crm::schedule
