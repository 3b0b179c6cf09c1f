#include "common/work/once.h"

#include <algorithm>

namespace crm::work::internal {
namespace {

constexpr db::Statement kLoadReplies = {
    "load_replies", "SELECT key, body_hash, reply FROM idempotency WHERE key = ANY($1::bytea[])"};

constexpr db::Statement kLoadHeard = {
    "load_heard",
    "SELECT source, aggregate_id, max(aggregate_seq) FROM inbox"
    " WHERE source = ANY($1::text[]) AND aggregate_id = ANY($2::uuid[]) GROUP BY source, aggregate_id"};

constexpr db::Statement kLoadLeased = {"load_leased",
                                       "SELECT id, lease_epoch FROM job WHERE shard = ANY($1::int[]) AND id "
                                       "= ANY($2::uuid[]) AND state = 'LEASED'"};

constexpr db::Statement kFinishJobs = {
    "finish_jobs",
    "DELETE FROM job WHERE shard = ANY($1::int[]) AND id = ANY($2::uuid[]) AND state = 'LEASED'"
    "   AND lease_epoch = ($3::bigint[])[array_position($2::uuid[], id)] RETURNING id"};

constexpr db::Statement kCancelJobs = {
    "cancel_jobs", "DELETE FROM job WHERE dedupe_key = ANY($1::text[]) AND state IN ('PENDING', 'LEASED')"};

// Events, jobs and once-records together: one round trip.
constexpr db::Statement kSaveRecords = {
    "save_records",
    "WITH o AS (INSERT INTO outbox (shard, id, aggregate_type, aggregate_id, aggregate_seq, type, "
    "recorded_time, event)"
    "  SELECT u.shard, u.id, u.aggregate_type, u.aggregate_id, u.aggregate_seq, u.type, $1::timestamptz, "
    "u.event"
    "    FROM unnest($2::int[], $3::uuid[], $4::text[], $5::uuid[], $6::bigint[], $7::text[], $8::bytea[])"
    "      AS u (shard, id, aggregate_type, aggregate_id, aggregate_seq, type, event)),"
    " s AS (INSERT INTO unsent_event (shard, id) SELECT u.shard, u.id FROM unnest($2::int[], $3::uuid[]) AS "
    "u "
    "(shard, id)),"
    " r AS (INSERT INTO idempotency (key, body_hash, reply, create_time)"
    "  SELECT u.key, u.body_hash, u.reply, $1::timestamptz"
    "    FROM unnest($9::bytea[], $10::bytea[], $11::bytea[]) AS u (key, body_hash, reply)"
    "  ON CONFLICT DO NOTHING RETURNING 1),"
    " h AS (INSERT INTO inbox (source, aggregate_id, aggregate_seq, event_id, applied_time)"
    "  SELECT u.source, u.aggregate_id, u.aggregate_seq, u.event_id, $1::timestamptz"
    "    FROM unnest($12::text[], $13::uuid[], $14::bigint[], $15::uuid[])"
    "      AS u (source, aggregate_id, aggregate_seq, event_id)"
    "  ON CONFLICT DO NOTHING RETURNING 1),"
    " j AS (INSERT INTO job (shard, id, kind, queue, dedupe_key, subject_id, payload, state, due_time, "
    "attempt,"
    "                        lease_epoch, last_error, create_time, update_time)"
    "  SELECT u.shard, u.id, u.kind, u.queue, u.dedupe_key, u.subject_id, u.payload, 'PENDING', u.due, 0, 0, "
    "'',"
    "         $1::timestamptz, $1::timestamptz"
    "    FROM unnest($16::int[], $17::uuid[], $18::text[], $19::text[], $20::text[], $21::uuid[], "
    "$22::bytea[],"
    "                $23::timestamptz[]) AS u (shard, id, kind, queue, dedupe_key, subject_id, payload, due)"
    "  ON CONFLICT (dedupe_key) DO UPDATE SET kind = excluded.kind, queue = excluded.queue,"
    "    payload = excluded.payload, state = 'PENDING', due_time = excluded.due_time, attempt = 0,"
    "    lease_epoch = job.lease_epoch + 1, last_error = '', update_time = excluded.update_time)"
    " SELECT (SELECT count(*) FROM r), (SELECT count(*) FROM h)"};

}  // namespace

Replies LoadReplies(db::Transaction& tx, const std::vector<const Once*>& keys) {
  std::vector<db::BytesView> request_keys;
  for (const Once* once : keys)
    if (const auto* request = std::get_if<RequestKey>(once)) request_keys.push_back({request->key});
  Replies replies;
  if (request_keys.empty()) return replies;
  for (db::Row row : tx.Query(kLoadReplies, {request_keys})) {
    std::string key = row.Next<db::Bytes>().value;
    std::string hash = row.Next<db::Bytes>().value;
    replies[std::move(key)] = {std::move(hash), row.Next<db::Bytes>().value};
  }
  return replies;
}

Recorded LoadRecorded(db::Transaction& tx, const std::vector<const Once*>& keys) {
  std::vector<std::string> sources;
  std::vector<Uuid> aggregates, jobs;
  std::vector<int> shards;
  for (const Once* once : keys) {
    if (const auto* event = std::get_if<EventKey>(once)) {
      if (std::find(sources.begin(), sources.end(), event->source) == sources.end())
        sources.push_back(event->source);
      aggregates.push_back(event->aggregate_id);
    }
    if (const auto* job = std::get_if<JobLease>(once)) {
      shards.push_back(job->shard);
      jobs.push_back(job->job_id);
    }
  }
  Recorded recorded;
  if (!aggregates.empty())
    for (db::Row row : tx.Query(kLoadHeard, {sources, aggregates})) {
      std::string source = row.Next<std::string>();
      const Uuid aggregate = row.Next<Uuid>();
      recorded.heard[{std::move(source), aggregate}] = row.Next<std::int64_t>();
    }
  if (!jobs.empty())
    for (db::Row row : tx.Query(kLoadLeased, {shards, jobs})) {
      const Uuid id = row.Next<Uuid>();
      recorded.leased[id] = row.Next<std::int64_t>();
    }
  return recorded;
}

bool SaveRecords(db::Transaction& tx, const Records& records) {
  if (!records.finished.empty()) {
    std::vector<const JobLease*> leases = records.finished;
    std::sort(leases.begin(), leases.end(), [](auto* a, auto* b) { return a->job_id < b->job_id; });
    std::vector<int> shards;
    std::vector<Uuid> ids;
    std::vector<std::int64_t> epochs;
    for (const JobLease* lease : leases) {
      shards.push_back(lease->shard);
      ids.push_back(lease->job_id);
      epochs.push_back(lease->epoch);
    }
    const db::Rows finished = tx.Query(kFinishJobs, {shards, ids, epochs});
    if (finished.size() != static_cast<int>(leases.size())) return false;
  }

  std::vector<std::string> cancelled;
  std::vector<int> job_shards;
  std::vector<Uuid> job_ids, subjects;
  std::vector<std::string> kinds, queues, dedupe_keys;
  std::vector<db::BytesView> payloads;
  std::vector<absl::Time> due;
  for (const auto& [dedupe_key, job] : records.jobs) {
    if (!job) {
      cancelled.push_back(dedupe_key);
      continue;
    }
    job_shards.push_back(outbox::ShardOf(job->subject_id));
    job_ids.push_back(Uuid::New());
    kinds.push_back(job->kind);
    queues.push_back(job->queue);
    dedupe_keys.push_back(dedupe_key);
    subjects.push_back(job->subject_id);
    payloads.push_back({job->payload});
    due.push_back(job->due);
  }
  if (!cancelled.empty()) tx.Query(kCancelJobs, {cancelled});

  auto replies = records.replies;
  std::sort(replies.begin(), replies.end(), [](auto& a, auto& b) { return a.first->key < b.first->key; });
  std::vector<db::BytesView> keys, hashes, bodies;
  for (const auto& [key, reply] : replies) {
    keys.push_back({key->key});
    hashes.push_back({key->body_hash});
    bodies.push_back({*reply});
  }

  auto heard = records.heard;
  std::sort(heard.begin(), heard.end(), [](auto* a, auto* b) {
    return std::tie(a->aggregate_id, a->aggregate_seq) < std::tie(b->aggregate_id, b->aggregate_seq);
  });
  std::vector<std::string> sources;
  std::vector<Uuid> heard_aggregates, heard_ids;
  std::vector<std::int64_t> heard_seqs;
  for (const EventKey* event : heard) {
    sources.push_back(event->source);
    heard_aggregates.push_back(event->aggregate_id);
    heard_seqs.push_back(event->aggregate_seq);
    heard_ids.push_back(event->event_id);
  }

  std::vector<int> shards;
  std::vector<Uuid> event_ids, aggregates;
  std::vector<std::string> aggregate_types, types;
  std::vector<std::int64_t> seqs;
  std::vector<db::BytesView> events;
  for (const outbox::LoggedEvent& event : records.events) {
    shards.push_back(event.shard);
    event_ids.push_back(event.id);
    aggregate_types.push_back(event.aggregate_type);
    aggregates.push_back(event.aggregate_id);
    seqs.push_back(event.aggregate_seq);
    types.push_back(event.type);
    events.push_back({event.bytes});
  }
  if (keys.empty() && sources.empty() && shards.empty() && job_ids.empty()) return true;

  const db::Rows saved = tx.Query(
      kSaveRecords,
      {tx.now(), shards, event_ids, aggregate_types, aggregates,       seqs,       types,     events,
       keys,     hashes, bodies,    sources,         heard_aggregates, heard_seqs, heard_ids, job_shards,
       job_ids,  kinds,  queues,    dedupe_keys,     subjects,         payloads,   due});
  db::Row counts = saved[0];
  return counts.Next<std::int64_t>() == static_cast<std::int64_t>(keys.size()) &&
         counts.Next<std::int64_t>() == static_cast<std::int64_t>(heard.size());
}

}  // namespace crm::work::internal
