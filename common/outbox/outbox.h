#pragma once
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/auth/principal.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "common/outbox/event.h"

namespace crm::outbox {

// Events of one aggregate always share a shard. A constant of the data: changing it needs a migration.
inline constexpr int kShards = 4;
int ShardOf(const Uuid& aggregate_id);

// An event as the log has it.
struct LoggedEvent {
  int shard = 0;
  Uuid id;
  std::string aggregate_type;
  Uuid aggregate_id;
  std::int64_t aggregate_seq = 0;
  std::string type;
  absl::Time recorded_time;
  std::string bytes;  // serialized crm.event.v1.Event
};

// Completes the envelope: id, type, source, aggregate, times, actor and trace around the encoded payload.
LoggedEvent Seal(const PendingEvent& event, std::string_view source, const auth::Principal& actor,
                 std::string_view traceparent, absl::Time recorded_time);

// A position in one shard's log: everything up to it has been read.
struct LogPosition {
  absl::Time recorded_time = absl::InfinitePast();
  Uuid id;
};

// Reads the log of one shard behind `after`, oldest first by (recorded_time, id), at most `limit`. Order of
// this reading is not order of commits: whoever resumes goes back a few minutes and drops doubles.
std::vector<LoggedEvent> ReadLog(db::Transaction& tx, int shard, const LogPosition& after, int limit);

}  // namespace crm::outbox
