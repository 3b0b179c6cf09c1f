#pragma once
#include <algorithm>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "common/rpc/executor.h"
#include "common/status/errors.h"
#include "common/work/batch.h"

namespace crm::rpc {

struct CoalescerOptions {
  std::size_t max_batch = 64;
  std::size_t max_waiting = 2048;
  int concurrency = 1;  // batches of this method at one time
};

// Makes one batch of the calls of one method that wait at the same moment. No artificial delay: an idle
// worker takes what is there. What is past its deadline when its turn comes is dropped. Thread safe.
template <class Command, class Result>
class Coalescer {
 public:
  using Requests = absl::Span<const work::Request<Command>>;
  using RunSet = std::function<std::vector<absl::StatusOr<Result>>(Requests)>;
  using Done = std::function<void(absl::StatusOr<Result>)>;

  Coalescer(Executor& executor, RunSet run, CoalescerOptions options = {})
      : executor_(executor), run_(std::move(run)), options_(options) {}

  // `done` is called once, on a worker or, when the call is refused, before Submit returns.
  void Submit(work::Request<Command> request, Done done) {
    {
      std::lock_guard lock(mutex_);
      if (waiting_.size() < options_.max_waiting) {
        waiting_.push_back({std::move(request), std::move(done)});
        if (running_ >= options_.concurrency) return;
        if (executor_.Submit([this] { Drain(); })) {
          ++running_;
          return;
        }
        if (running_ > 0) return;  // a batch under way takes it
        done = std::move(waiting_.back().done);
        waiting_.pop_back();
      }
    }
    done(errors::Overloaded(absl::Milliseconds(200)));
  }

 private:
  struct Waiting {
    work::Request<Command> request;
    Done done;
  };

  void Drain() {
    std::vector<Waiting> batch;
    std::vector<Waiting> late;
    {
      std::lock_guard lock(mutex_);
      const absl::Time now = absl::Now();
      while (!waiting_.empty() && batch.size() < options_.max_batch) {
        (waiting_.front().request.caller.deadline <= now ? late : batch)
            .push_back(std::move(waiting_.front()));
        waiting_.pop_front();
      }
    }
    for (Waiting& call : late) call.done(errors::DeadlineExceeded());
    std::vector<work::Request<Command>> requests;
    requests.reserve(batch.size());
    for (Waiting& call : batch) requests.push_back(std::move(call.request));
    std::vector<absl::StatusOr<Result>> results;
    if (!batch.empty()) results = run_(requests);
    const bool handed_on = HandOn();  // the next batch does not wait for these answers
    for (std::size_t i = 0; i < batch.size(); ++i) batch[i].done(std::move(results[i]));
    if (!handed_on) Drain();
  }

  // Whether what waits now, if anything, is somebody else's. Behind the other methods, not before them: one
  // busy method does not starve the rest.
  bool HandOn() {
    std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
      --running_;
      return true;
    }
    return executor_.Submit([this] { Drain(); });
  }

  Executor& executor_;
  const RunSet run_;
  const CoalescerOptions options_;
  std::mutex mutex_;
  std::deque<Waiting> waiting_;
  int running_ = 0;
};

}  // namespace crm::rpc
