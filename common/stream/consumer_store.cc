#include "common/stream/consumer_store.h"

#include "absl/time/clock.h"
#include "common/db/transaction.h"

namespace crm::stream {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);

constexpr db::Statement kLoadApplied = {
    "load_applied",
    "SELECT aggregate_id, max(aggregate_seq) FROM inbox WHERE source = $1 AND aggregate_id = ANY($2::uuid[])"
    " GROUP BY aggregate_id"};

constexpr db::Statement kLoadPosition = {
    "load_consumer_position",
    "SELECT recorded_time, event_id FROM consumer_position WHERE source = $1 AND shard = $2"};

constexpr db::Statement kSavePosition = {
    "save_consumer_position",
    "INSERT INTO consumer_position (source, shard, recorded_time, event_id)"
    " SELECT $1::text, $2::smallint, $3::timestamptz, $4::uuid FROM lease WHERE name = $5 AND epoch = $6"
    " ON CONFLICT (source, shard) DO UPDATE SET recorded_time = excluded.recorded_time,"
    "   event_id = excluded.event_id"};

constexpr db::Statement kLoadDead = {"load_dead_aggregates",
                                     "SELECT aggregate_id FROM dead_letter WHERE source = $1 AND shard = $2 "
                                     "AND NOT replay GROUP BY aggregate_id"};

#define CRM_INSERT_DEAD_LETTERS                                                                             \
  "INSERT INTO dead_letter (source, shard, aggregate_id, aggregate_seq, event_id, type, event, reason, "    \
  "replay,"                                                                                                 \
  "                         create_time)"                                                                   \
  " SELECT $1::text, $2::smallint, u.aggregate_id, u.aggregate_seq, u.event_id, u.type, u.event, u.reason," \
  "        false, $3::timestamptz"                                                                          \
  "   FROM unnest($4::uuid[], $5::bigint[], $6::uuid[], $7::text[], $8::bytea[], $9::text[])"               \
  "     AS u (aggregate_id, aggregate_seq, event_id, type, event, reason)"

constexpr db::Statement kBury = {"bury_events", CRM_INSERT_DEAD_LETTERS
                                 " ON CONFLICT (source, aggregate_id, aggregate_seq) DO UPDATE"
                                 "   SET reason = excluded.reason, replay = false"};

constexpr db::Statement kPark = {"park_events", CRM_INSERT_DEAD_LETTERS " ON CONFLICT DO NOTHING"};

constexpr db::Statement kStopReplay = {
    "stop_replay",
    "UPDATE dead_letter SET replay = false WHERE source = $1 AND aggregate_id = ANY($2::uuid[]) AND replay"};

constexpr db::Statement kForgetReplayed = {
    "forget_replayed",
    "DELETE FROM dead_letter d WHERE d.source = $1 AND d.shard = $2 AND d.replay AND EXISTS (SELECT 1 FROM "
    "inbox i"
    " WHERE i.source = d.source AND i.aggregate_id = d.aggregate_id AND i.aggregate_seq = d.aggregate_seq)"};

// What was parked between the asking and now belongs to it too.
constexpr db::Statement kReplayParked = {
    "replay_parked",
    "UPDATE dead_letter d SET replay = true WHERE d.source = $1 AND d.shard = $2 AND NOT d.replay"
    "   AND d.aggregate_id IN (SELECT r.aggregate_id FROM dead_letter r WHERE r.source = $1 AND r.shard = $2 "
    "AND r.replay)"};

#define CRM_DEAD_LETTER_COLUMNS \
  "source, shard, aggregate_id, aggregate_seq, event_id, type, event, reason, replay, create_time"

constexpr db::Statement kLoadReplays = {"load_replays",
                                        "SELECT " CRM_DEAD_LETTER_COLUMNS
                                        " FROM dead_letter WHERE source = $1 AND shard = $2 AND replay"
                                        " ORDER BY aggregate_id, aggregate_seq LIMIT $3"};

constexpr db::Statement kListDeadLetters = {
    "list_dead_letters", "SELECT " CRM_DEAD_LETTER_COLUMNS
                         " FROM dead_letter WHERE (source, aggregate_id, aggregate_seq) > ($1, $2, $3)"
                         " ORDER BY source, aggregate_id, aggregate_seq LIMIT $4"};

constexpr db::Statement kReplay = {
    "replay_dead_letters", "UPDATE dead_letter SET replay = true WHERE source = $1 AND aggregate_id = $2"};

std::vector<DeadLetter> ReadLetters(const db::Rows& rows) {
  std::vector<DeadLetter> letters;
  for (db::Row row : rows) {
    DeadLetter letter;
    letter.source = row.Next<std::string>();
    letter.shard = row.Next<int>();
    letter.aggregate_id = row.Next<Uuid>();
    letter.aggregate_seq = row.Next<std::int64_t>();
    letter.event_id = row.Next<Uuid>();
    letter.type = row.Next<std::string>();
    letter.event = row.Next<db::Bytes>().value;
    letter.reason = row.Next<std::string>();
    letter.replay = row.Next<bool>();
    letter.create_time = row.Next<absl::Time>();
    letters.push_back(std::move(letter));
  }
  return letters;
}

void Insert(db::Transaction& tx, const db::Statement& statement, const std::string& source, int shard,
            const std::vector<DeadLetter>& letters) {
  std::vector<Uuid> aggregates, ids;
  std::vector<std::int64_t> seqs;
  std::vector<std::string> types, reasons;
  std::vector<db::Bytes> events;
  for (const DeadLetter& letter : letters) {
    aggregates.push_back(letter.aggregate_id);
    seqs.push_back(letter.aggregate_seq);
    ids.push_back(letter.event_id);
    types.push_back(letter.type);
    events.push_back({letter.event});
    reasons.push_back(letter.reason);
  }
  tx.Query(statement, {source, shard, tx.now(), aggregates, seqs, ids, types, events, reasons});
}

}  // namespace

absl::StatusOr<absl::flat_hash_map<Uuid, std::int64_t>> ConsumerStore::LoadApplied(
    const std::vector<Uuid>& aggregates) {
  absl::flat_hash_map<Uuid, std::int64_t> applied;
  const absl::Status status = db::RunStatements(pool_, absl::Now() + kPatience, [&](db::Transaction& tx) {
    for (db::Row row : tx.Query(kLoadApplied, {source_, aggregates})) {
      const Uuid id = row.Next<Uuid>();
      applied[id] = row.Next<std::int64_t>();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return applied;
}

absl::StatusOr<std::optional<outbox::LogPosition>> ConsumerStore::LoadPosition() {
  std::optional<outbox::LogPosition> position;
  const absl::Status status = db::RunStatements(pool_, absl::Now() + kPatience, [&](db::Transaction& tx) {
    for (db::Row row : tx.Query(kLoadPosition, {source_, shard_})) {
      position.emplace();
      position->recorded_time = row.Next<absl::Time>();
      position->id = row.Next<Uuid>();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return position;
}

absl::Status ConsumerStore::SavePosition(const outbox::LogPosition& position, const Lease& lease) {
  return db::RunStatements(pool_, absl::Now() + kPatience, [&](db::Transaction& tx) {
    tx.Query(kSavePosition,
             {source_, shard_, position.recorded_time, position.id, lease.name(), lease.epoch()});
    return absl::OkStatus();
  });
}

absl::StatusOr<absl::flat_hash_set<Uuid>> ConsumerStore::LoadDeadAggregates() {
  absl::flat_hash_set<Uuid> dead;
  const absl::Status status = db::RunStatements(pool_, absl::Now() + kPatience, [&](db::Transaction& tx) {
    for (db::Row row : tx.Query(kLoadDead, {source_, shard_})) dead.insert(row.Next<Uuid>());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return dead;
}

absl::Status ConsumerStore::Bury(const std::vector<DeadLetter>& letters) {
  std::vector<Uuid> aggregates;
  for (const DeadLetter& letter : letters) aggregates.push_back(letter.aggregate_id);
  return db::RunTransaction(pool_, absl::Now() + kPatience, [&](db::Transaction& tx) {
    Insert(tx, kBury, source_, shard_, letters);
    tx.Query(kStopReplay, {source_, aggregates});
    return absl::OkStatus();
  });
}

absl::Status ConsumerStore::Park(const std::vector<DeadLetter>& letters) {
  return db::RunTransaction(pool_, absl::Now() + kPatience, [&](db::Transaction& tx) {
    Insert(tx, kPark, source_, shard_, letters);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<DeadLetter>> ConsumerStore::TakeReplays(int limit) {
  std::vector<DeadLetter> letters;
  const absl::Status status = db::RunStatements(pool_, absl::Now() + kPatience, [&](db::Transaction& tx) {
    letters = ReadLetters(tx.Query(kLoadReplays, {source_, shard_, limit}));
    if (letters.empty()) return absl::OkStatus();
    tx.Query(kReplayParked, {source_, shard_});
    letters = ReadLetters(tx.Query(kLoadReplays, {source_, shard_, limit}));
    tx.Query(kForgetReplayed, {source_, shard_});
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return letters;
}

std::vector<DeadLetter> ListDeadLetters(db::Transaction& tx, const DeadLetter* after, int limit) {
  const DeadLetter first;
  if (after == nullptr) after = &first;
  return ReadLetters(
      tx.Query(kListDeadLetters, {after->source, after->aggregate_id, after->aggregate_seq, limit}));
}

std::int64_t ReplayDeadLetters(db::Transaction& tx, const std::string& source, const Uuid& aggregate_id) {
  return tx.Query(kReplay, {source, aggregate_id}).affected();
}

}  // namespace crm::stream
