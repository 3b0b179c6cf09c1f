#include "common/outbox/outbox.h"

#include "common/base/timestamp.h"
#include "crm/event/v1/event.pb.h"

namespace crm::outbox {
namespace {

constexpr db::Statement kReadLog = {
    "read_log",
    "SELECT id, aggregate_type, aggregate_id, aggregate_seq, type, recorded_time, event FROM outbox"
    " WHERE shard = $1 AND (recorded_time, id) > ($2, $3) ORDER BY recorded_time, id LIMIT $4"};

}  // namespace

int ShardOf(const Uuid& aggregate_id) { return static_cast<int>(aggregate_id.low() % kShards); }

LoggedEvent Seal(const PendingEvent& event, std::string_view source, const auth::Principal& actor,
                 std::string_view traceparent, absl::Time recorded_time) {
  LoggedEvent logged{ShardOf(event.aggregate_id), Uuid::New(),      event.aggregate_type, event.aggregate_id,
                     event.aggregate_seq,         event.event.type, recorded_time,        ""};
  event::v1::Event envelope;
  envelope.set_id(logged.id.ToString());
  envelope.set_type(logged.type);
  envelope.set_source(std::string(source));
  envelope.set_aggregate_type(logged.aggregate_type);
  envelope.set_aggregate_id(logged.aggregate_id.ToString());
  envelope.set_aggregate_seq(logged.aggregate_seq);
  SetTimestamp(*envelope.mutable_occurred_time(),
               event.occurred_time == absl::InfinitePast() ? recorded_time : event.occurred_time);
  SetTimestamp(*envelope.mutable_recorded_time(), recorded_time);
  envelope.set_actor_id(actor.id.ToString());
  envelope.set_traceparent(std::string(traceparent));
  logged.bytes = envelope.SerializeAsString() + event.event.envelope;  // one message after another is both
  return logged;
}

std::vector<LoggedEvent> ReadLog(db::Transaction& tx, int shard, const LogPosition& after, int limit) {
  std::vector<LoggedEvent> events;
  for (db::Row row : tx.Query(kReadLog, {shard, after.recorded_time, after.id, limit})) {
    LoggedEvent event;
    event.shard = shard;
    event.id = row.Next<Uuid>();
    event.aggregate_type = row.Next<std::string>();
    event.aggregate_id = row.Next<Uuid>();
    event.aggregate_seq = row.Next<std::int64_t>();
    event.type = row.Next<std::string>();
    event.recorded_time = row.Next<absl::Time>();
    event.bytes = row.Next<db::Bytes>().value;
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace crm::outbox
