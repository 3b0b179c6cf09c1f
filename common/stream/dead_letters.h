#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"

namespace crm::stream {

// An event that could not be applied, or one that waits behind it.
struct DeadLetter {
  std::string source;
  int shard = 0;
  Uuid aggregate_id;
  std::int64_t aggregate_seq = 0;
  Uuid event_id;
  std::string type;
  std::string event;   // serialized crm.event.v1.Event
  std::string reason;  // empty: parked behind an earlier event of its aggregate
  bool replay = false;
  absl::Time create_time;
};

// Pages through all dead letters by (source, aggregate_id, aggregate_seq), at most `limit` behind `after`.
std::vector<DeadLetter> ListDeadLetters(db::Transaction& tx, const DeadLetter* after, int limit);

// Asks for everything of one aggregate to be applied again, in order. The consumer does so within seconds;
// what fails again is a dead letter again. Answers how many events that are; 0 when there are none.
std::int64_t ReplayDeadLetters(db::Transaction& tx, const std::string& source, const Uuid& aggregate_id);

}  // namespace crm::stream
