#include "common/schedule/job_store.h"

#include <charconv>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/db/transaction.h"
#include "common/outbox/outbox.h"
#include "common/schedule/dead_jobs.h"

namespace crm::schedule {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);

constexpr db::Statement kNext = {
    "next_jobs",
    "SELECT l.shard, l.queue, j.due_time, clock_timestamp() FROM unnest($1::int[], $2::text[]) AS l (shard, "
    "queue)"
    " CROSS JOIN LATERAL (SELECT due_time FROM job WHERE shard = l.shard AND queue = l.queue"
    "   AND state IN ('PENDING', 'LEASED') ORDER BY due_time LIMIT 1) j"};

// Statements over sets of jobs name them by array and join nothing. The planner takes a queue, empty when it
// was last looked at, for empty, and joins by comparing every row with every other, in a plan that it keeps.

// MATERIALIZED, or a plan may run the locking subquery once per row and lease far more than asked for.
constexpr db::Statement kClaim = {
    "claim_jobs",
    "WITH d AS MATERIALIZED (SELECT id, due_time FROM job WHERE shard = $1 AND state IN ('PENDING', 'LEASED')"
    "   AND due_time <= $2 AND queue = $4 ORDER BY due_time LIMIT $5 FOR UPDATE SKIP LOCKED)"
    " UPDATE job SET state = CASE WHEN attempt >= $6 THEN 'DEAD' ELSE 'LEASED' END,"
    "   last_error = CASE WHEN attempt >= $6 AND last_error = '' THEN 'every attempt outlived its lease'"
    "                     ELSE last_error END,"
    "   lease_epoch = lease_epoch + 1, update_time = $2,"
    "   due_time = CASE WHEN attempt >= $6 THEN 'infinity'::timestamptz ELSE $3 END"
    " WHERE shard = $1 AND id = ANY(ARRAY(SELECT id FROM d))"
    " RETURNING id, lease_epoch,"
    "   (ARRAY(SELECT due_time FROM d))[array_position(ARRAY(SELECT id FROM d), id)], state"};

// Committed without waiting for the disk: what a crash of the database loses here is one count.
constexpr db::Statement kStart = {
    "start_jobs",
    "UPDATE job SET attempt = attempt + 1 FROM set_config('synchronous_commit', 'off', true)"
    " WHERE shard = ANY($1::int[]) AND id = ANY($2::uuid[]) AND state = 'LEASED'"
    "   AND lease_epoch = ($3::bigint[])[array_position($2::uuid[], id)]"
    " RETURNING shard, id, kind, dedupe_key, subject_id, payload, attempt,"
    "   ($4::timestamptz[])[array_position($2::uuid[], id)], lease_epoch"};

constexpr db::Statement kFail = {
    "fail_jobs",
    "UPDATE job SET state = ($5::text[])[array_position($3::uuid[], id)],"
    "   attempt = ($6::int[])[array_position($3::uuid[], id)],"
    "   due_time = ($7::timestamptz[])[array_position($3::uuid[], id)],"
    "   last_error = ($8::text[])[array_position($3::uuid[], id)], update_time = $1"
    " WHERE shard = ANY($2::int[]) AND id = ANY($3::uuid[]) AND state = 'LEASED'"
    "   AND lease_epoch = ($4::bigint[])[array_position($3::uuid[], id)]"};

constexpr db::Statement kListDead = {
    "list_dead_jobs",
    "SELECT shard, id, kind, dedupe_key, subject_id, attempt, last_error, update_time FROM job"
    " WHERE state = 'DEAD' ORDER BY update_time DESC, id LIMIT $1"};

constexpr db::Statement kRevive = {
    "revive_job",
    "UPDATE job SET state = 'PENDING', attempt = 0, due_time = $3, update_time = $3"
    " WHERE shard = $1 AND id = $2 AND state = 'DEAD' RETURNING id"};

bool ReadInt(absl::string_view text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string ClaimedJob::ToHint() const {
  return absl::StrCat(shard, " ", id.ToString(), " ", epoch, " ", absl::ToUnixMicros(due));
}

std::optional<ClaimedJob> ClaimedJob::FromHint(std::string_view hint) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(absl::string_view(hint.data(), hint.size()), ' ');
  ClaimedJob job;
  std::int64_t shard = 0, due = 0;
  if (words.size() != 4 || !ReadInt(words[0], shard) || !ReadInt(words[2], job.epoch) ||
      !ReadInt(words[3], due))
    return std::nullopt;
  const auto id = Uuid::Parse(std::string_view(words[1].data(), words[1].size()));
  if (!id) return std::nullopt;
  job.shard = static_cast<int>(shard);
  job.id = *id;
  job.due = absl::FromUnixMicros(due);
  return job;
}

absl::StatusOr<std::vector<NextJob>> JobStore::Next(const std::vector<std::string>& queues) {
  if (queues.empty()) return std::vector<NextJob>();
  std::vector<int> shards;
  std::vector<std::string> names;
  for (int shard = 0; shard < outbox::kShards; ++shard) {
    shards.insert(shards.end(), queues.size(), shard);
    names.insert(names.end(), queues.begin(), queues.end());
  }
  std::vector<NextJob> next;
  const absl::Status status = db::RunStatements(pool_, absl::Now() + kPatience, [&](db::Transaction& tx) {
    for (db::Row row : tx.Query(kNext, {shards, names})) {
      NextJob& job = next.emplace_back();
      job.lane.shard = row.Next<int>();
      job.lane.queue = row.Next<std::string>();
      job.due = row.Next<absl::Time>();
      job.now = row.Next<absl::Time>();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return next;
}

absl::StatusOr<std::vector<ClaimedJob>> JobStore::Claim(const Lane& lane, absl::Time now, int limit,
                                                        int attempts, absl::Duration lease_term) {
  std::vector<ClaimedJob> claimed;
  const absl::Status status = db::RunStatements(pool_, absl::Now() + kPatience, [&](db::Transaction& tx) {
    for (db::Row row : tx.Query(kClaim, {lane.shard, now, now + lease_term, lane.queue, limit, attempts})) {
      ClaimedJob job;
      job.shard = lane.shard;
      job.id = row.Next<Uuid>();
      job.epoch = row.Next<std::int64_t>();
      job.due = row.Next<absl::Time>();
      if (row.Next<std::string>() == "LEASED") claimed.push_back(job);
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  std::sort(claimed.begin(), claimed.end(), [](const auto& a, const auto& b) { return a.due < b.due; });
  return claimed;
}

absl::StatusOr<std::vector<std::pair<DueJob, std::int64_t>>> JobStore::Start(
    const std::vector<ClaimedJob>& claimed) {
  std::vector<int> shards;
  std::vector<Uuid> ids;
  std::vector<std::int64_t> epochs;
  std::vector<absl::Time> due;
  absl::flat_hash_map<Uuid, const ClaimedJob*> newest;  // a job may have been claimed again
  for (const ClaimedJob& job : claimed) {
    const ClaimedJob*& known = newest[job.id];
    if (known == nullptr || known->epoch < job.epoch) known = &job;
  }
  for (const auto& [id, job] : newest) {
    shards.push_back(job->shard);
    ids.push_back(id);
    epochs.push_back(job->epoch);
    due.push_back(job->due);
  }
  std::vector<std::pair<DueJob, std::int64_t>> jobs;
  const absl::Status status = db::RunStatements(pool_, absl::Now() + kPatience, [&](db::Transaction& tx) {
    for (db::Row row : tx.Query(kStart, {shards, ids, epochs, due})) {
      DueJob job;
      job.shard = row.Next<int>();
      job.id = row.Next<Uuid>();
      job.kind = row.Next<std::string>();
      job.dedupe_key = row.Next<std::string>();
      job.subject_id = row.Next<Uuid>();
      job.payload = row.Next<db::Bytes>().value;
      job.attempt = row.Next<int>();
      job.due = row.Next<absl::Time>();
      jobs.emplace_back(std::move(job), row.Next<std::int64_t>());
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return jobs;
}

absl::Status JobStore::Fail(const std::vector<FailedJob>& failed) {
  if (failed.empty()) return absl::OkStatus();
  return db::RunTransaction(pool_, absl::Now() + kPatience, [&](db::Transaction& tx) {
    std::vector<int> shards, attempts;
    std::vector<Uuid> ids;
    std::vector<std::int64_t> epochs;
    std::vector<std::string> states, errors;
    std::vector<absl::Time> due;
    for (const FailedJob& job : failed) {
      shards.push_back(job.shard);
      ids.push_back(job.id);
      epochs.push_back(job.epoch);
      states.push_back(job.dead ? "DEAD" : "PENDING");
      attempts.push_back(job.attempt);
      due.push_back(job.dead ? absl::InfiniteFuture() : tx.now() + job.retry_after);
      errors.push_back(job.error);
    }
    tx.Query(kFail, {tx.now(), shards, ids, epochs, states, attempts, due, errors});
    return absl::OkStatus();
  });
}

std::vector<DeadJob> ListDeadJobs(db::Transaction& tx, int limit) {
  std::vector<DeadJob> jobs;
  for (db::Row row : tx.Query(kListDead, {limit})) {
    DeadJob job;
    job.shard = row.Next<int>();
    job.id = row.Next<Uuid>();
    job.kind = row.Next<std::string>();
    job.dedupe_key = row.Next<std::string>();
    job.subject_id = row.Next<Uuid>();
    job.attempts = row.Next<int>();
    job.error = row.Next<std::string>();
    job.died = row.Next<absl::Time>();
    jobs.push_back(std::move(job));
  }
  return jobs;
}

bool ReviveJob(db::Transaction& tx, int shard, const Uuid& id) {
  return !tx.Query(kRevive, {shard, id, tx.now()}).empty();
}

}  // namespace crm::schedule
