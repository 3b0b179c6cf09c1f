#include "common/stream/consumer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <set>

#include "absl/cleanup/cleanup.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/db/transaction.h"
#include "common/status/errors.h"
#include "common/stream/consumer_store.h"
#include "common/stream/dead_letters.h"
#include "common/stream/lease.h"
#include "common/stream/redis.h"
#include "common/stream/relay.h"
#include "common/telemetry/metrics.h"
#include "common/testing/concurrent.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"
#include "common/testing/redis.h"

namespace crm::stream {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Thing {
  static constexpr std::string_view kAggregateType = "thing";
  Uuid id;
  std::int64_t version = 0;
};
struct Touched {};
struct Overlooked {};  // a type that nobody handles

constexpr db::Statement kEffect = {"test_effect",
                                   "INSERT INTO effect (aggregate_id, seq) SELECT u.id, u.seq FROM "
                                   "unnest($1::uuid[], $2::bigint[]) AS u (id, seq)"
                                   " ORDER BY u.id, u.seq"};

// A source with its relay, and a listener that keeps what it hears in a table of its own.
class ConsumerTest : public ::testing::Test {
 protected:
  ConsumerTest() {
    source_.Empty();
    listener_.Empty();
    listener_.Sql(
        "CREATE TABLE IF NOT EXISTS effect (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, aggregate_id "
        "uuid, seq bigint)");
    codecs_.BindEvent<Touched>([](const Touched&) { return outbox::EncodedEvent{"Touched", ""}; });
    codecs_.BindEvent<Overlooked>([](const Overlooked&) { return outbox::EncodedEvent{"Overlooked", ""}; });
    for (int i = 0; i < 40; ++i) things_.push_back({Uuid::New(), 0});
  }

  // One event for each of `things`, in one transaction.
  void Touch(std::vector<Thing*> things, bool overlooked = false) {
    std::vector<work::Request<Thing*>> requests;
    for (Thing* thing : things)
      requests.push_back({{auth::ServicePrincipal("test"), absl::InfiniteFuture(), ""}, thing, {}});
    const auto outcomes =
        source_work_.Run<Thing*>(requests, [&](work::Batch<Thing*>& batch, db::Transaction&) {
          for (auto& item : batch.items()) {
            if (overlooked) {
              item.Emit(**item, Overlooked());
            } else {
              item.Emit(**item, Touched());
            }
          }
        });
    for (const auto& outcome : outcomes) ASSERT_THAT(outcome, testing::IsOk());
  }

  std::vector<work::Outcome> Hear(absl::Span<const work::Request<Event>> events) {
    if (cannot_write_) {
      ++refused_sets_;
      return std::vector<work::Outcome>(events.size(), absl::UnavailableError("nothing can be written"));
    }
    return listener_work_.Run<Event>(events, [this](work::Batch<Event>& batch, db::Transaction& tx) {
      std::vector<Uuid> ids;
      std::vector<std::int64_t> seqs;
      for (auto& item : batch.items()) {
        const Uuid id = *Uuid::Parse(item->aggregate_id());
        if (id == poisoned_ && item->aggregate_seq() == 2 && poison_) {
          item.Fail(errors::FailedPrecondition("POISON", "cannot be applied"));
          continue;
        }
        ids.push_back(id);
        seqs.push_back(item->aggregate_seq());
      }
      tx.Query(kEffect, {ids, seqs});
    });
  }

  ConsumerOptions Options() {
    ConsumerOptions options;
    options.name = "listener";
    options.redis_url = redis_.url();
    options.sources = {{"source", ReadLog(), outbox::kShards}};
    options.gap_patience = absl::Milliseconds(300);
    options.retry_after = absl::Milliseconds(10);
    options.lease_term = absl::Seconds(1);
    return options;
  }
  ReadEvents ReadLog() {
    return
        [this](int shard, const outbox::LogPosition& after, int limit) -> absl::StatusOr<std::vector<Event>> {
          std::vector<Event> events;
          const absl::Status status =
              db::RunStatements(source_pool_, absl::Now() + absl::Seconds(5), [&](db::Transaction& tx) {
                for (const auto& logged : outbox::ReadLog(tx, shard, after, limit))
                  events.emplace_back().ParseFromString(logged.bytes);
                return absl::OkStatus();
              });
          ++log_reads_;
          if (!status.ok()) return status;
          return events;
        };
  }
  std::unique_ptr<Consumer> Listen(ConsumerOptions options) {
    auto consumer = std::make_unique<Consumer>(std::move(options), listener_work_, listener_pool_);
    consumer->On({"Touched"}, [this](auto events) { return Hear(events); });
    consumer->Start();
    return consumer;
  }
  static RedisCommand Entry(const Event& event) {
    return {"XADD", StreamName("source", outbox::ShardOf(*Uuid::Parse(event.aggregate_id()))), "*", "e",
            event.SerializeAsString()};
  }
  // As the relay does, without its lease and its marks.
  void Send(const Event& event) { redis_.Run(Entry(event)); }
  std::unique_ptr<Relay> Carry() {
    RelayOptions options{.source = "source", .redis_url = redis_.url()};
    options.idle_poll = absl::Milliseconds(50);
    options.lease_term = absl::Seconds(1);
    auto relay = std::make_unique<Relay>(options, source_pool_);
    relay->Start();
    return relay;
  }

  std::int64_t Emitted() const {
    std::int64_t count = 0;
    for (const Thing& thing : things_) count += thing.version;
    return count;
  }
  std::int64_t Heard() { return std::stoll(listener_.Sql("SELECT count(*) FROM inbox")[0]); }

  // What a checker judges: every event in the inbox once and gapless, and every effect once and in order.
  std::vector<std::string> Faults() {
    std::vector<std::string> faults = listener_.Sql(
        "SELECT 'out of order: ' || aggregate_id FROM (SELECT aggregate_id, seq,"
        "   lag(seq) OVER (PARTITION BY aggregate_id ORDER BY n) AS before FROM effect) e WHERE seq <= "
        "before");
    for (const std::string& id : listener_.Sql("SELECT aggregate_id::text FROM inbox GROUP BY aggregate_id"
                                               " HAVING max(aggregate_seq) <> count(*)"))
      faults.push_back("gap in the inbox: " + id);
    for (const std::string& row : listener_.Sql("SELECT 'doubled: ' || aggregate_id || ' ' || seq FROM "
                                                "effect GROUP BY aggregate_id, seq HAVING count(*) > 1"))
      faults.push_back(row);
    std::set<std::string> heard;
    for (std::string& row : listener_.Sql("SELECT aggregate_id || ' ' || aggregate_seq FROM inbox"))
      heard.insert(row);
    for (const Thing& thing : things_)
      for (std::int64_t seq = 1; seq <= thing.version; ++seq)
        if (!heard.contains(thing.id.ToString() + " " + std::to_string(seq)))
          faults.push_back("lost: " + thing.id.ToString() + " " + std::to_string(seq));
    const auto effects = source_.Sql("SELECT count(*) FROM outbox WHERE type = 'Touched'")[0];
    const auto done = listener_.Sql("SELECT count(*) FROM effect")[0];
    if (effects != done) faults.push_back("effects: " + done + " of " + effects);
    return faults;
  }

  testing::TestSchema source_{"guanxi_test_source"}, listener_{"guanxi_test_listener"};
  testing::TestRedis redis_;
  db::Pool source_pool_{{source_.url(), "source", 4}}, listener_pool_{{listener_.url(), "listener", 6}};
  work::Codecs codecs_;
  work::UnitOfWork source_work_{source_pool_, "source", codecs_, {}};
  work::UnitOfWork listener_work_{listener_pool_, "listener", codecs_, {}};
  std::vector<Thing> things_;
  std::atomic<int> log_reads_ = 0;
  Uuid poisoned_;
  std::atomic<bool> poison_ = false, cannot_write_ = false;
  std::atomic<int> refused_sets_ = 0;
};

TEST_F(ConsumerTest, EveryEventOnceAndInOrder) {
  const auto relay = Carry();
  const auto consumer = Listen(Options());
  for (int round = 0; round < 10; ++round) {
    std::vector<Thing*> all;
    for (Thing& thing : things_) all.push_back(&thing);
    Touch(all, round % 3 == 2);
    relay->Wake();
  }
  EXPECT_TRUE(Eventually([&] { return Heard() == Emitted(); })) << Heard() << " of " << Emitted();
  EXPECT_THAT(Faults(), IsEmpty());
  EXPECT_TRUE(Eventually([&] { return source_.Sql("SELECT 1 FROM unsent_event").empty(); }));
  // Nothing stays pending.
  EXPECT_TRUE(Eventually([&] {
    for (int shard = 0; shard < outbox::kShards; ++shard)
      if (redis_.Run({"XPENDING", StreamName("source", shard), "listener"}).substr(0, 2) != "0 ")
        return false;
    return true;
  }));
}

TEST_F(ConsumerTest, SurvivesFlushesRestartsAndTwoReaders) {
  std::mt19937 random(20261122);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    std::mt19937 own(5);
    for (int i = 0; i < 150; ++i) {
      std::vector<Thing*> some;
      for (Thing& thing : things_)
        if (own() % 3 == 0) some.push_back(&thing);
      Touch(some, own() % 5 == 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    done = true;
  });
  auto relay = Carry();
  auto first = Listen(Options()), second = Listen(Options());
  for (int round = 0; !done; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100 + random() % 150));
    switch (round % 4) {
      case 0:
        redis_.Flush();
        break;
      case 1:
        first.reset();
        first = Listen(Options());
        break;
      case 2:
        relay.reset();
        relay = Carry();
        break;
      case 3:
        second.reset();
        second = Listen(Options());
        break;
    }
  }
  writer.join();
  redis_.Flush();
  EXPECT_TRUE(Eventually([&] { return Heard() == Emitted(); }, std::chrono::seconds(60)))
      << Heard() << " of " << Emitted();
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(ConsumerTest, TheCheckerFindsALossAndADouble) {
  Touch({&things_[0]});
  const std::string id = things_[0].id.ToString();
  EXPECT_THAT(Faults(), SizeIs(2));  // lost, and its effect missing
  listener_.Sql("INSERT INTO inbox SELECT 'source', '" + id + "', 1, '" + id + "', now()");
  listener_.Sql("INSERT INTO effect (aggregate_id, seq) VALUES ('" + id + "', 1)");
  EXPECT_THAT(Faults(), IsEmpty());
  listener_.Sql("INSERT INTO effect (aggregate_id, seq) VALUES ('" + id + "', 1)");
  EXPECT_THAT(Faults(), ::testing::Contains(::testing::HasSubstr("doubled")));
}

TEST_F(ConsumerTest, HoldsAGapUntilItIsFilled) {
  Touch({&things_[0]});
  Touch({&things_[0]});
  Touch({&things_[0]});
  auto options = Options();
  options.sources[0].read_events = nullptr;
  const auto consumer = Listen(options);
  const int shard = outbox::ShardOf(things_[0].id);
  const auto events = *ReadLog()(shard, {}, 10);
  ASSERT_THAT(events, SizeIs(3));
  Send(events[2]);
  Send(events[1]);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_EQ(Heard(), 0);
  Send(events[0]);
  Send(events[0]);
  EXPECT_TRUE(Eventually([&] { return Heard() == 3; }));
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(ConsumerTest, FillsAGapFromTheLog) {
  const int shard = outbox::ShardOf(things_[0].id);
  const auto consumer = Listen(Options());
  ASSERT_TRUE(Eventually([&] { return log_reads_ >= outbox::kShards; }));
  for (int i = 0; i < 3; ++i) Touch({&things_[0]});
  const auto events = *ReadLog()(shard, {}, 10);
  ASSERT_THAT(events, SizeIs(3));
  Send(events[2]);
  EXPECT_TRUE(Eventually([&] { return Heard() == 3; }));
  EXPECT_THAT(Faults(), IsEmpty());
}

// What comes over the stream before the log can be read must not hide what was lost before it.
TEST_F(ConsumerTest, WhatRedisLostIsFoundHoweverMuchLaterTheLogCanBeRead) {
  Thing& lost = things_[0];
  Thing& next = *std::find_if(things_.begin() + 1, things_.end(), [&](const Thing& thing) {
    return outbox::ShardOf(thing.id) == outbox::ShardOf(lost.id);
  });
  std::atomic<bool> source_is_up = true;
  auto options = Options();
  options.sources[0].read_events = [&, read = ReadLog()](int shard, const outbox::LogPosition& after,
                                                         int limit) -> absl::StatusOr<std::vector<Event>> {
    if (!source_is_up) return absl::UnavailableError("the source starts");
    return read(shard, after, limit);
  };
  const auto consumer = Listen(options);
  Touch({&next});
  ASSERT_TRUE(Eventually([&] { return Heard() == 1; }));

  source_is_up = false;
  redis_.Flush();
  Touch({&lost});
  Touch({&next});
  Event an_hour_later = ReadLog()(outbox::ShardOf(next.id), {}, 10)->back();
  an_hour_later.mutable_recorded_time()->set_seconds(an_hour_later.recorded_time().seconds() + 3600);
  Send(an_hour_later);
  ASSERT_TRUE(Eventually([&] { return Heard() == 2; }));
  source_is_up = true;
  EXPECT_TRUE(Eventually([&] { return Heard() == 3; }));
  EXPECT_THAT(Faults(), IsEmpty());
}

// The one that all tests share cannot be restarted.
class OwnRedis {
 public:
  OwnRedis() { Start(); }
  ~OwnRedis() {
    Kill();
    std::filesystem::remove_all(folder_);
  }
  std::string url() const { return "unix://" + folder_ + "/socket"; }

  // Comes back with what it had when it was last told to SAVE, and with another run id.
  void Restart() {
    Kill();
    Start();
  }

 private:
  void Start() {
    process_ = fork();
    if (process_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves nothing behind
      close_range(STDERR_FILENO + 1, ~0U, 0);
      execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", "socket", "--dir",
             folder_.c_str(), "--save", "", "--logfile", "log", nullptr);
      _exit(127);
    }
    Redis redis(url());
    EXPECT_TRUE(Eventually([&] { return redis.Run({"PING"}).ok(); }));
  }
  void Kill() const {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  std::string folder_ = [] {
    std::string folder = "/tmp/guanxi-redis-XXXXXX";
    return std::string(mkdtemp(folder.data()));
  }();
  pid_t process_ = -1;
};

// The group and its stream are there, and yet an event is missing that no later one follows.
TEST_F(ConsumerTest, WhatARestartedRedisHasForgottenIsReadFromTheLog) {
  OwnRedis server;
  Redis redis(server.url());
  auto options = Options();
  options.redis_url = server.url();
  absl::Notification taken, restarted;
  Consumer consumer(options, listener_work_, listener_pool_);
  consumer.On({"Touched"}, [&](auto events) {
    if (!taken.HasBeenNotified()) taken.Notify();
    restarted.WaitForNotification();
    return Hear(events);
  });
  absl::Cleanup go_on = [&] { restarted.Notify(); };
  consumer.Start();
  EXPECT_TRUE(Eventually([&] { return log_reads_ >= outbox::kShards; }));
  const int shard = outbox::ShardOf(things_[0].id);
  const auto touch = [&] {
    Touch({&things_[0]});
    EXPECT_THAT(redis.Run(Entry(ReadLog()(shard, {}, 10)->back())), testing::IsOk());
  };
  touch();
  // While the reader is busy, so that no broken connection tells it of the restart.
  EXPECT_TRUE(taken.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_THAT(redis.Run({"SAVE"}), testing::IsOk());
  touch();
  server.Restart();
  EXPECT_EQ(Redis(server.url()).Run({"XLEN", StreamName("source", shard)})->integer, 1);
  std::move(go_on).Invoke();
  EXPECT_TRUE(Eventually([&] { return Heard() == 2; }));
  EXPECT_THAT(Faults(), IsEmpty());
}

class FullConsumerTest : public ConsumerTest {
 protected:
  // A consumer that has room for 20 events per partition and can write none.
  std::unique_ptr<Consumer> ListenInVain(bool with_log) {
    cannot_write_ = true;
    auto options = Options();
    options.max_held = options.read_count = 20;
    if (!with_log) options.sources[0].read_events = nullptr;
    return Listen(options);
  }
  static double Held(int shard) {
    return metrics::Gauge("crm_consumer_held_events", "",
                          {{"source", "source"}, {"shard", std::to_string(shard)}})
        .Value();
  }
};

TEST_F(FullConsumerTest, WhatTheLogBringsWaitsForRoom) {
  std::vector<Thing*> all;
  for (Thing& thing : things_) all.push_back(&thing);
  for (int round = 0; round < 20; ++round) Touch(all);
  const auto consumer = ListenInVain(/*with_log=*/true);
  ASSERT_TRUE(Eventually([&] { return refused_sets_ >= 24; }));
  for (int shard = 0; shard < outbox::kShards; ++shard) EXPECT_LE(Held(shard), 60) << shard;
  cannot_write_ = false;
  EXPECT_TRUE(Eventually([&] { return Heard() == Emitted(); }));
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(FullConsumerTest, WhatIsPendingWaitsForRoom) {
  const int shard = outbox::ShardOf(things_[0].id);
  const std::string stream = StreamName("source", shard);
  redis_.Run({"XGROUP", "CREATE", stream, "listener", "0", "MKSTREAM"});
  for (int i = 0; i < 100; ++i) Touch({&things_[0]});
  const auto events = *ReadLog()(shard, {}, 100);
  for (const Event& event : events) Send(event);
  redis_.Run({"XREADGROUP", "GROUP", "listener", "reader", "COUNT", "100", "STREAMS", stream, ">"});
  const auto consumer = ListenInVain(/*with_log=*/false);
  ASSERT_TRUE(Eventually([&] { return refused_sets_ >= 5; }));
  EXPECT_LE(Held(shard), 40);
  cannot_write_ = false;
  EXPECT_TRUE(Eventually([&] { return Heard() == Emitted(); }));
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(ConsumerTest, WithoutRedisTheLogIsRead) {
  auto options = Options();
  options.redis_url = "redis://127.0.0.1:1";
  const auto consumer = Listen(options);
  for (int i = 0; i < 3; ++i) Touch({&things_[0], &things_[1]});
  EXPECT_TRUE(Eventually([&] { return Heard() == 6; }));
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(ConsumerTest, APoisonEventParksItsAggregateUntilItIsReplayed) {
  poisoned_ = things_[0].id;
  poison_ = true;
  const auto relay = Carry();
  auto consumer = Listen(Options());
  for (int i = 0; i < 3; ++i) Touch({&things_[0], &things_[1]});
  const auto letters = [&] {
    std::vector<DeadLetter> found;
    db::RunStatements(listener_pool_, absl::Now() + absl::Seconds(5), [&](db::Transaction& tx) {
      found = ListDeadLetters(tx, nullptr, 100);
      return absl::OkStatus();
    }).IgnoreError();
    return found;
  };
  ASSERT_TRUE(Eventually([&] { return letters().size() == 2; }));
  Touch({&things_[0], &things_[1]});
  ASSERT_TRUE(Eventually([&] { return letters().size() == 3 && Heard() == 5; }));
  EXPECT_EQ(letters()[0].aggregate_seq, 2);
  EXPECT_EQ(letters()[0].reason, "cannot be applied");
  EXPECT_EQ(letters()[1].reason, "");
  consumer.reset();
  consumer = Listen(Options());  // remembers across a restart
  Touch({&things_[0]});
  ASSERT_TRUE(Eventually([&] { return letters().size() == 4; }));
  EXPECT_EQ(Heard(), 5);

  const auto replay = [&] {
    ASSERT_THAT(db::RunTransaction(listener_pool_, absl::Now() + absl::Seconds(5),
                                   [&](db::Transaction& tx) {
                                     EXPECT_EQ(ReplayDeadLetters(tx, "source", poisoned_), 4);
                                     return absl::OkStatus();
                                   }),
                testing::IsOk());
  };
  replay();  // still poison
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  ASSERT_TRUE(
      Eventually([&] { return letters().size() == 4 && !letters()[0].replay && !letters()[3].replay; }));
  poison_ = false;
  replay();
  EXPECT_TRUE(Eventually([&] { return letters().empty(); }));
  EXPECT_EQ(Heard(), Emitted());
  EXPECT_THAT(Faults(), IsEmpty());
  Touch({&things_[0]});
  EXPECT_TRUE(Eventually([&] { return Heard() == Emitted(); }));
}

TEST_F(ConsumerTest, WhatIsParkedAfterAReplayWasAskedForIsReplayedWithTheRest) {
  ConsumerStore store(listener_pool_, "source", 0);
  const Uuid aggregate = Uuid::New();
  const auto letter = [&](std::int64_t seq) {
    DeadLetter letter;
    letter.aggregate_id = aggregate;
    letter.aggregate_seq = seq;
    return letter;
  };
  ASSERT_THAT(store.Bury({letter(1), letter(2)}), testing::IsOk());
  EXPECT_THAT(*store.TakeReplays(10), IsEmpty());
  ASSERT_THAT(db::RunTransaction(listener_pool_, absl::Now() + absl::Seconds(5),
                                 [&](db::Transaction& tx) {
                                   EXPECT_EQ(ReplayDeadLetters(tx, "source", aggregate), 2);
                                   return absl::OkStatus();
                                 }),
              testing::IsOk());
  ASSERT_THAT(store.Park({letter(3)}), testing::IsOk());
  EXPECT_THAT(*store.TakeReplays(10), SizeIs(3));
  EXPECT_THAT(*store.LoadDeadAggregates(), IsEmpty());
}

TEST_F(ConsumerTest, ARelayWithoutItsLeaseMarksNothing) {
  constexpr db::Statement kHoldUpMarks = {"test_hold_up_marks", "LOCK TABLE unsent_event IN SHARE MODE"};
  constexpr db::Statement kTakeOver = {
      "test_take_over",
      "UPDATE lease SET owner = gen_random_uuid(), epoch = epoch + 1, expire_time = 'infinity'"};
  const std::vector<std::string> length = {"XLEN", StreamName("source", outbox::ShardOf(things_[0].id))};
  Touch({&things_[0]});
  std::unique_ptr<Relay> relay;
  ASSERT_THAT(db::RunTransaction(source_pool_, absl::InfiniteFuture(),
                                 [&](db::Transaction& tx) {
                                   tx.Query(kHoldUpMarks);
                                   relay = Carry();
                                   EXPECT_TRUE(Eventually([&] { return redis_.Run(length) == "1"; }));
                                   tx.Query(kTakeOver);
                                   return absl::OkStatus();
                                 }),
              testing::IsOk());
  relay.reset();  // it has marked by now, or tried to
  EXPECT_THAT(source_.Sql("SELECT 1 FROM unsent_event"), SizeIs(1));

  source_.Sql("DELETE FROM lease");
  relay = Carry();
  EXPECT_TRUE(Eventually([&] { return source_.Sql("SELECT 1 FROM unsent_event").empty(); }));
  EXPECT_EQ(redis_.Run(length), "2");
}

// Redis cuts whole nodes of a stream: an entry of 5000 bytes has one to itself.
TEST_F(ConsumerTest, AStreamIsCutBelowWhatSomeGroupStillNeeds) {
  Redis redis(redis_.url());
  const std::string stream = StreamName("source", 0);
  for (const char* id : {"7-0", "8-0", "9-0", "10-0", "11-0", "12-0"})
    redis_.Run({"XADD", stream, id, "e", std::string(5000, 'e')});
  const auto take = [&](const std::string& group, const std::string& count) {
    redis_.Run({"XGROUP", "CREATE", stream, group, "0"});
    redis_.Run({"XREADGROUP", "GROUP", group, "reader", "COUNT", count, "STREAMS", stream, ">"});
  };
  take("ahead", "6");
  redis_.Run({"XACK", stream, "ahead", "7-0", "8-0", "9-0", "10-0", "11-0", "12-0"});
  take("behind", "4");
  redis_.Run({"XACK", stream, "behind", "7-0", "8-0", "10-0"});
  const auto left = [&] {
    const auto entries = redis.Run({"XRANGE", stream, "-", "+"});
    std::vector<std::string> ids;
    for (const RedisReply& entry : entries->items) ids.push_back(entry.items[0].text);
    return ids;
  };
  auto relay = Carry();  // it begins with a cut of each stream
  EXPECT_TRUE(Eventually([&] { return left().size() < 6; }));
  EXPECT_THAT(left(), ElementsAre("9-0", "10-0", "11-0", "12-0"));  // pending in "behind": 9-0

  redis_.Run({"XACK", stream, "behind", "9-0"});
  relay.reset();
  relay = Carry();
  EXPECT_TRUE(Eventually([&] { return left().size() < 4; }));
  EXPECT_THAT(left(), ElementsAre("10-0", "11-0", "12-0"));  // delivered to "behind": up to 10-0
}

TEST_F(ConsumerTest, ALeaseHasOneOwnerAndEachOwnerAnEpoch) {
  Lease first(source_pool_, "relay/0", absl::Milliseconds(300)),
      second(source_pool_, "relay/0", absl::Seconds(5));
  ASSERT_TRUE(*first.Hold());
  EXPECT_FALSE(*second.Hold());
  const std::int64_t old_epoch = first.epoch();
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  EXPECT_TRUE(Eventually([&] { return *second.Hold(); }));
  EXPECT_EQ(second.epoch(), old_epoch + 1);
  EXPECT_FALSE(*first.Hold());
  second.Release();
  EXPECT_TRUE(Eventually([&] { return *first.Hold(); }));
  EXPECT_EQ(first.epoch(), old_epoch + 2);
}

TEST(RedisTest, SaysWhatIsWrong) {
  Redis nowhere("redis://127.0.0.1:1");
  EXPECT_THAT(nowhere.Run({"PING"}), testing::HasReason("REDIS_UNAVAILABLE"));
  Redis nonsense("http://x");
  EXPECT_THAT(nonsense.Run({"PING"}), testing::HasReason("BAD_REDIS_URL"));
  testing::TestRedis server;
  Redis redis(server.url());
  EXPECT_EQ(redis.Run({"PING"})->text, "PONG");
  EXPECT_THAT(redis.Run({"NONSENSE"}), testing::HasReason("REDIS_REFUSED"));
  const auto replies = redis.Pipeline({{"SET", "a", std::string("\0b", 2)}, {"NONSENSE"}, {"GET", "a"}});
  ASSERT_THAT(replies, testing::IsOk());
  EXPECT_TRUE((*replies)[1].error());
  EXPECT_EQ((*replies)[2].text, std::string("\0b", 2));
  EXPECT_EQ(redis.RunId()->size(), 40u);
}

}  // namespace
}  // namespace crm::stream
