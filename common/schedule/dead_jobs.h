#pragma once
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"

namespace crm::schedule {

// A job that was given up, with the last reason.
struct DeadJob {
  int shard = 0;
  Uuid id;
  std::string kind, dedupe_key;
  Uuid subject_id;
  int attempts = 0;
  std::string error;
  absl::Time died;
};

// Newest first, at most `limit`.
std::vector<DeadJob> ListDeadJobs(db::Transaction& tx, int limit);

// Makes a dead job due at once, with all its attempts. False when it is not dead.
bool ReviveJob(db::Transaction& tx, int shard, const Uuid& id);

}  // namespace crm::schedule
