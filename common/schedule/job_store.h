#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/pool.h"
#include "common/schedule/scheduler.h"

namespace crm::schedule {

// A job that somebody has claimed, under one epoch of its lease.
struct ClaimedJob {
  int shard = 0;
  Uuid id;
  std::int64_t epoch = 0;
  absl::Time due;  // when it had to run

  // What travels through Redis: the row decides what it is worth.
  std::string ToHint() const;
  static std::optional<ClaimedJob> FromHint(std::string_view hint);
};

// The jobs of one queue in one shard.
struct Lane {
  int shard = 0;
  std::string queue;
};

// A lane's next job, and what time it is: both by the database's clock.
struct NextJob {
  Lane lane;
  absl::Time due, now;
};

// How an attempt ended badly.
struct FailedJob {
  int shard = 0;
  Uuid id;
  std::int64_t epoch = 0;
  int attempt = 0;  // to be stored
  bool dead = false;
  absl::Duration retry_after;
  std::string error;
};

// The scheduler's statements on the job table. Thread safe.
class JobStore {
 public:
  explicit JobStore(db::Pool& pool) : pool_(pool) {}

  // The next job of each lane of these queues that has one.
  absl::StatusOr<std::vector<NextJob>> Next(const std::vector<std::string>& queues);

  // Leases what is due at `now`, oldest first. Jobs that have used up their attempts become DEAD instead. A
  // claim is no attempt yet: its hint may outlive the lease in the queue.
  absl::StatusOr<std::vector<ClaimedJob>> Claim(const Lane& lane, absl::Time now, int limit, int attempts,
                                                absl::Duration lease_term);

  // Begins an attempt at those that still have the lease they were claimed under.
  absl::StatusOr<std::vector<std::pair<DueJob, std::int64_t>>> Start(const std::vector<ClaimedJob>& claimed);

  // Gives leases back for another attempt, or buries the job.
  absl::Status Fail(const std::vector<FailedJob>& failed);

 private:
  db::Pool& pool_;
};

}  // namespace crm::schedule
