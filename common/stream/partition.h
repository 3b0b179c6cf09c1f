#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "common/auth/principal.h"
#include "common/stream/consumer.h"
#include "common/stream/consumer_store.h"
#include "common/stream/lease.h"
#include "common/stream/redis.h"
#include "common/telemetry/metrics.h"

namespace crm::stream {

// Handlers by event type; number 0 writes inbox rows and nothing else.
struct Handlers {
  std::vector<Consumer::Apply<Event>> apply;
  absl::flat_hash_map<std::string, std::size_t> of_type;

  std::size_t Of(const std::string& type) const {
    const auto found = of_type.find(type);
    return found == of_type.end() ? 0 : found->second;
  }
};

// The reader of one shard of one source. Runs on one thread.
//
// Events come from three sides: the Redis stream, the source's own log (after every take-over of the lease,
// when Redis has lost something or is away, when a gap does not fill) and replayed dead letters. All go
// through Offer, which drops what was applied before, and ApplyReady, which applies what is next for its
// aggregate.
class Partition {
 public:
  Partition(const ConsumerOptions& options, const Source& source, int shard, const Handlers& handlers,
            db::Pool& pool);

  // Until `stopping`.
  void Run(const std::atomic<bool>& stopping);

 private:
  struct Waiting {
    Event event;
    std::string stream_id;  // empty: not from the stream
  };
  struct Aggregate {
    std::map<std::int64_t, Waiting> waiting;  // by aggregate_seq
    absl::Time since;                         // when the first of them began to wait
    absl::Time not_before = absl::InfinitePast();
    int attempts = 0, troubles = 0;
  };
  using Ready = std::vector<std::pair<Uuid, std::int64_t>>;

  // Events that belong before the position lie at most this far behind it, unless a gap says otherwise.
  static constexpr absl::Duration kMargin = absl::Minutes(5);

  bool KeepLease();
  absl::Status Begin();
  absl::Status ReadStream(const std::atomic<bool>& stopping);
  absl::Status ReadPending();
  absl::Status TakeEntries(const RedisReply& entries, std::string* last_id);
  absl::Status EnsureGroup();
  absl::Status CheckRunId();
  void NeedReread(absl::Duration margin);
  void RereadIfNeeded(const std::atomic<bool>& stopping);
  absl::Status Reread(const std::atomic<bool>& stopping);
  void WatchGaps();
  void TakeReplays();

  struct Arrival {
    Event event;
    std::string stream_id;
  };
  absl::Status Offer(std::vector<Arrival> arrivals);
  absl::Status LoadApplied(const std::vector<Uuid>& aggregates);
  absl::Status ParkArrivals(std::vector<Arrival>& arrivals);
  void ApplyReady();
  void ApplySet(std::size_t handler, absl::Span<const std::pair<Uuid, std::int64_t>> set);
  void Failed(const Uuid& id, Aggregate& aggregate, const absl::Status& status);
  void Bury(const Uuid& id, Aggregate& aggregate, const std::string& reason);
  void Drop(Aggregate& aggregate, std::map<std::int64_t, Waiting>::iterator at);
  void Ack();
  void SavePosition();
  DeadLetter LetterOf(const Uuid& aggregate, const Event& event, std::string reason) const;
  void Report(const absl::Status& status);

  const ConsumerOptions& options_;
  const Source& source_;
  const int shard_;
  const Handlers& handlers_;
  const std::string stream_;
  const std::size_t max_held_;
  const auth::PrincipalRef principal_;
  ConsumerStore store_;
  Lease lease_;
  Redis redis_;
  prometheus::Counter& applied_events_;
  prometheus::Counter& dead_letters_;
  prometheus::Gauge& held_events_;
  prometheus::Histogram& lag_;

  std::int64_t epoch_ = 0;       // of the lease that the memory below belongs to
  std::int64_t connection_ = 0;  // of which the run id was checked
  std::string run_id_;
  absl::flat_hash_map<Uuid, Aggregate> aggregates_;  // those with waiting events
  absl::flat_hash_map<Uuid, std::int64_t> applied_;  // highest seq applied, of those lately seen
  absl::flat_hash_set<Uuid> dead_;
  std::vector<std::string> acks_;
  std::size_t held_ = 0;
  // Redis may have lost something: the log has to be read again, from where the position was then. It moves
  // on with what comes meanwhile.
  std::optional<absl::Time> reread_from_;
  absl::Time reread_to_;  // how far that has come; what was read is applied or held
  bool redis_away_ = false;
  absl::Duration gap_margin_;  // how far behind the position the search for a missing event begins next time
  absl::Time next_reread_, next_pending_, next_replays_, next_save_;
  std::optional<outbox::LogPosition> position_;  // of the newest event applied
  absl::Time saved_;                             // its recorded_time as last stored
  bool healthy_ = true;
};

}  // namespace crm::stream
