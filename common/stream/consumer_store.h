#pragma once
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "common/db/pool.h"
#include "common/outbox/outbox.h"
#include "common/stream/dead_letters.h"
#include "common/stream/lease.h"

namespace crm::stream {

// What the consumer of one partition remembers in its service's schema. The inbox itself is written by
// UnitOfWork, in the transaction of the effect.
class ConsumerStore {
 public:
  ConsumerStore(db::Pool& pool, std::string source, int shard)
      : pool_(pool), source_(std::move(source)), shard_(shard) {}

  // The highest aggregate_seq applied of each aggregate; those of which nothing was are left out.
  absl::StatusOr<absl::flat_hash_map<Uuid, std::int64_t>> LoadApplied(const std::vector<Uuid>& aggregates);

  absl::StatusOr<std::optional<outbox::LogPosition>> LoadPosition();
  // No effect when the lease has a newer epoch.
  absl::Status SavePosition(const outbox::LogPosition& position, const Lease& lease);

  // Aggregates with dead letters that nobody has asked to replay.
  absl::StatusOr<absl::flat_hash_set<Uuid>> LoadDeadAggregates();
  // Writes the poison event and those parked behind it.
  absl::Status Bury(const std::vector<DeadLetter>& letters);
  // Writes events of aggregates that are dead already; known ones stay as they are.
  absl::Status Park(const std::vector<DeadLetter>& letters);
  // The dead letters of the aggregates that a replay was asked for, in order, those parked since then too.
  // Forgets what has been applied: the next call does not answer it.
  absl::StatusOr<std::vector<DeadLetter>> TakeReplays(int limit);

 private:
  db::Pool& pool_;
  const std::string source_;
  const int shard_;
};

}  // namespace crm::stream
