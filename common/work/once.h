#pragma once
#include <vector>

#include "common/db/transaction.h"
#include "common/outbox/outbox.h"
#include "common/work/batch.h"

// The records that make a command happen once. Internal to common/work.
namespace crm::work::internal {

struct StoredReply {
  std::string body_hash, reply;
};

using Replies = absl::flat_hash_map<std::string, StoredReply>;  // by request key

struct Recorded {  // what the database already knows of events and jobs
  absl::flat_hash_map<std::pair<std::string, Uuid>, std::int64_t>
      heard;                                       // highest seq by (source, aggregate)
  absl::flat_hash_map<Uuid, std::int64_t> leased;  // epoch by job that is leased now
};

// At most one statement for each kind of Once among the keys.
Recorded LoadRecorded(db::Transaction& tx, const std::vector<const Once*>& keys);
Replies LoadReplies(db::Transaction& tx, const std::vector<const Once*>& keys);

struct Records {  // what a batch leaves behind
  std::vector<std::pair<const RequestKey*, const std::string*>> replies;
  std::vector<const EventKey*> heard;
  std::vector<const JobLease*> finished;
  std::vector<outbox::LoggedEvent> events;
  std::map<std::string, std::optional<Job>> jobs;  // by dedupe key; empty = cancelled
};

// False when a key or a lease was taken meanwhile: the batch must run again.
bool SaveRecords(db::Transaction& tx, const Records& records);

}  // namespace crm::work::internal
