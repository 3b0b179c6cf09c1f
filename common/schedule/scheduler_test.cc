#include "common/schedule/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/cleanup/cleanup.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/db/transaction.h"
#include "common/outbox/outbox.h"
#include "common/schedule/dead_jobs.h"
#include "common/schedule/job_store.h"
#include "common/status/errors.h"
#include "common/stream/work_queue.h"
#include "common/testing/concurrent.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"
#include "common/testing/redis.h"
#include "common/work/unit_of_work.h"

namespace crm::schedule {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr db::Statement kEffect = {
    "test_job_effect", "INSERT INTO effect (dedupe_key) SELECT u.k FROM unnest($1::text[]) AS u (k)"};

class SchedulerTest : public ::testing::Test {
 protected:
  SchedulerTest() {
    schema_.Empty();
    schema_.Sql(
        "CREATE TABLE IF NOT EXISTS effect (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, dedupe_key "
        "text)");
  }

  void Schedule(const std::vector<std::string>& keys, absl::Duration in, const std::string& kind = "note") {
    std::vector<work::Request<std::string>> requests;
    for (const std::string& key : keys)
      requests.push_back({{auth::ServicePrincipal("test"), absl::InfiniteFuture(), ""}, key, {}});
    for (const auto& outcome :
         work_.Run<std::string>(requests, [&](work::Batch<std::string>&batch, db::Transaction&) {
           for (auto& item : batch.items())
             item.Schedule({kind, "notes", *item, Uuid::New(), batch.now() + in, "payload of " + *item});
         }))
      ASSERT_THAT(outcome, testing::IsOk());
  }
  void Cancel(const std::string& key) {
    const work::Request<std::string> request{
        {auth::ServicePrincipal("test"), absl::InfiniteFuture(), ""}, key, {}};
    work_.Run<std::string>(absl::MakeConstSpan(&request, 1),
                           [](work::Batch<std::string>& batch, db::Transaction&) {
                             for (auto& item : batch.items()) item.CancelJob(*item);
                           });
  }

  std::vector<work::Outcome> Note(absl::Span<const work::Request<DueJob>> jobs) {
    return work_.Run<DueJob>(jobs, [](work::Batch<DueJob>& batch, db::Transaction& tx) {
      std::vector<std::string> keys;
      for (auto& item : batch.items()) {
        EXPECT_EQ(item->payload, "payload of " + item->dedupe_key);
        keys.push_back(item->dedupe_key);
      }
      tx.Query(kEffect, {keys});
    });
  }

  SchedulerOptions Options() {
    SchedulerOptions options;
    options.name = "test";
    options.redis_url = redis_.url();
    options.lease_term = absl::Seconds(1);
    options.retry_after = absl::Milliseconds(20);
    options.attempts = 3;
    return options;
  }
  std::unique_ptr<Scheduler> Run(SchedulerOptions options) {
    auto scheduler = std::make_unique<Scheduler>(std::move(options), pool_);
    scheduler->On("notes", "note", [this](auto jobs) { return Note(jobs); });
    scheduler->Start();
    return scheduler;
  }

  // Of the first shard where something is due.
  std::vector<ClaimedJob> Claim(absl::Duration lease_term) {
    std::vector<ClaimedJob> claimed;
    for (int shard = 0; shard < outbox::kShards && claimed.empty(); ++shard)
      claimed = *JobStore(pool_).Claim({shard, "notes"}, absl::Now(), 10, 3, lease_term);
    return claimed;
  }

  std::vector<std::string> Effects() { return schema_.Sql("SELECT dedupe_key FROM effect ORDER BY n"); }
  // Of the jobs that were scheduled, so many have left the table.
  bool Left(int jobs) { return schema_.Sql("SELECT count(*) FROM job")[0] == std::to_string(jobs); }

  testing::TestSchema schema_{"guanxi_test_schedule"};
  testing::TestRedis redis_;
  db::Pool pool_{{schema_.url(), "schedule", 6}};
  work::Codecs codecs_;
  work::UnitOfWork work_{pool_, "test", codecs_, {}};
};

TEST_F(SchedulerTest, RunsWhatIsDueAndNotBefore) {
  const auto scheduler = Run(Options());
  Schedule({"now"}, absl::ZeroDuration());
  Schedule({"soon"}, absl::Milliseconds(700));
  Schedule({"later"}, absl::Hours(1));
  scheduler->Wake();
  EXPECT_TRUE(Eventually([&] { return Left(2); }));
  EXPECT_THAT(Effects(), ElementsAre("now"));
  EXPECT_TRUE(Eventually([&] { return Left(1); }));
  EXPECT_THAT(Effects(), ElementsAre("now", "soon"));
  EXPECT_EQ(schema_.Sql("SELECT dedupe_key || ' ' || state FROM job")[0], "later PENDING");
}

TEST_F(SchedulerTest, ADedupeKeyIsMovedCancelledAndUsedAgain) {
  Schedule({"a"}, absl::Hours(1));
  Schedule({"a"}, absl::ZeroDuration());
  Schedule({"b"}, absl::Milliseconds(300));
  Cancel("b");
  const auto scheduler = Run(Options());
  EXPECT_TRUE(Eventually([&] { return Left(0); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_THAT(Effects(), ElementsAre("a"));
  Schedule({"a", "b"}, absl::ZeroDuration());
  EXPECT_TRUE(Eventually([&] { return Left(0); }));
  EXPECT_THAT(Effects(), SizeIs(3));
}

TEST_F(SchedulerTest, OneEffectEachWithManyWorkersFlushesAndFailures) {
  std::vector<std::string> keys;
  for (int i = 0; i < 1500; ++i) keys.push_back("job " + std::to_string(i));
  std::atomic<unsigned> calls = 0;
  auto options = Options();
  options.workers = 2;
  options.attempts = 100;
  const auto start = [&] {
    auto scheduler = std::make_unique<Scheduler>(options, pool_);
    scheduler->On("notes", "note", [&](absl::Span<const work::Request<DueJob>> jobs) {
      switch (calls++ % 7) {
        case 0:  // dies before its transaction
          return std::vector<work::Outcome>(jobs.size(), absl::UnavailableError("killed"));
        case 1:  // dies after its commit, before it can say so
          Note(jobs);
          return std::vector<work::Outcome>(jobs.size(), absl::InternalError("killed"));
        case 2:  // sleeps over its lease and wakes up in another's time
          std::this_thread::sleep_for(std::chrono::milliseconds(1300));
          return Note(jobs);
        default:
          return Note(jobs);
      }
    });
    scheduler->Start();
    return scheduler;
  };
  auto first = start(), second = start();
  const auto begin = absl::Now();
  for (int i = 0; i < 15; ++i) {
    Schedule({keys.begin() + i * 100, keys.begin() + (i + 1) * 100}, absl::Milliseconds(i % 3 * 50));
    first->Wake();
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    if (i % 4 == 1) redis_.Flush();
    if (i % 5 == 2) first.reset(), first = start();
  }
  EXPECT_TRUE(Eventually([&] { return Left(0); }, std::chrono::seconds(90)));
  EXPECT_THAT(schema_.Sql("SELECT dedupe_key FROM effect GROUP BY dedupe_key HAVING count(*) <> 1"),
              IsEmpty());
  EXPECT_THAT(Effects(), SizeIs(1500));
  std::printf("1500 jobs in %s\n", absl::FormatDuration(absl::Now() - begin).c_str());
}

TEST_F(SchedulerTest, WithoutRedisTheOwnWorkersTakeThem) {
  auto options = Options();
  options.redis_url = "redis://127.0.0.1:1";
  const auto scheduler = Run(options);
  Schedule({"a", "b", "c"}, absl::ZeroDuration());
  EXPECT_TRUE(Eventually([&] { return Left(0); }, std::chrono::seconds(5)));
  EXPECT_THAT(Effects(), SizeIs(3));
}

TEST_F(SchedulerTest, AHintStandsInRedisUntilItsJobIsDone) {
  auto options = Options();
  options.lease_term = absl::Seconds(30);  // nothing is claimed twice
  absl::Notification begun, may_go_on;
  Scheduler scheduler(options, pool_);
  scheduler.On("notes", "note", [&](absl::Span<const work::Request<DueJob>> jobs) {
    if (!begun.HasBeenNotified()) begun.Notify();
    may_go_on.WaitForNotification();
    return Note(jobs);
  });
  absl::Cleanup go_on = [&] { may_go_on.Notify(); };
  scheduler.Start();
  const std::string queue = "crm:{test-notes}:work";
  Schedule({"a"}, absl::ZeroDuration());
  EXPECT_TRUE(begun.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_EQ(redis_.Run({"XLEN", queue}), "1");
  EXPECT_THAT(redis_.Run({"XPENDING", queue, "workers"}), StartsWith("1 "));
  std::move(go_on).Invoke();
  EXPECT_TRUE(Eventually([&] { return redis_.Run({"XLEN", queue}) == "0"; }));
  EXPECT_THAT(redis_.Run({"XPENDING", queue, "workers"}), StartsWith("0 "));
  EXPECT_THAT(Effects(), ElementsAre("a"));
}

TEST_F(SchedulerTest, AHintThatAVanishedWorkerHadTakenIsTakenOver) {
  Schedule({"a"}, absl::ZeroDuration());
  const auto claimed = Claim(absl::Milliseconds(1));
  ASSERT_THAT(claimed, SizeIs(1));
  stream::WorkQueue vanished(redis_.url(), "test", "notes"), other(redis_.url(), "test", "notes");
  ASSERT_THAT(other.Push({claimed[0].ToHint()}), testing::IsOk());
  ASSERT_TRUE(Eventually([&] { return !vanished.Take(10, absl::Milliseconds(10))->empty(); }));
  EXPECT_THAT(*other.TakeAbandoned(10, absl::Hours(1)), IsEmpty());
  auto options = Options();
  options.backlog = 1;  // nothing is claimed, this job again included, while the hint stands there
  const auto scheduler = Run(options);
  Schedule({"b"}, absl::ZeroDuration());
  EXPECT_TRUE(Eventually([&] { return Left(0); }));
  EXPECT_THAT(Effects(), ElementsAre("a", "b"));
}

TEST_F(SchedulerTest, AJobThatWasClaimedTwiceStartsUnderItsNewestLease) {
  Schedule({"a"}, absl::ZeroDuration());
  JobStore store(pool_);
  std::vector<ClaimedJob> claimed;
  ASSERT_TRUE(Eventually([&] {  // the second time when the first lease is over
    for (int shard = 0; shard < outbox::kShards; ++shard) {
      const auto some = store.Claim({shard, "notes"}, absl::Now(), 10, 3, absl::Milliseconds(1));
      claimed.insert(claimed.end(), some->begin(), some->end());
    }
    return claimed.size() >= 2;
  }));
  const auto started = store.Start(claimed);
  ASSERT_THAT(started, testing::IsOk());
  ASSERT_THAT(*started, SizeIs(1));
  EXPECT_EQ((*started)[0].second, claimed.back().epoch);
  EXPECT_EQ((*started)[0].first.attempt, 1);
}

TEST_F(SchedulerTest, GivesUpVisiblyAndCanBeRevived) {
  std::atomic<bool> broken = true;
  std::atomic<int> attempts = 0;
  Scheduler scheduler(Options(), pool_);
  scheduler.On("notes", "note", [&](absl::Span<const work::Request<DueJob>> jobs) {
    if (!broken) return Note(jobs);
    ++attempts;
    return std::vector<work::Outcome>(jobs.size(),
                                      errors::FailedPrecondition("BROKEN", "the printer is on fire"));
  });
  scheduler.Start();
  Schedule({"a"}, absl::ZeroDuration());
  std::vector<DeadJob> dead;
  const auto list = [&] {
    db::RunStatements(pool_, absl::Now() + absl::Seconds(5), [&](db::Transaction& tx) {
      dead = ListDeadJobs(tx, 10);
      return absl::OkStatus();
    }).IgnoreError();
    return dead.size();
  };
  ASSERT_TRUE(Eventually([&] { return list() == 1; }));
  EXPECT_EQ(attempts, 3);
  EXPECT_EQ(dead[0].error, "the printer is on fire");
  EXPECT_EQ(dead[0].attempts, 3);
  broken = false;
  ASSERT_THAT(db::RunTransaction(pool_, absl::Now() + absl::Seconds(5),
                                 [&](db::Transaction& tx) {
                                   EXPECT_TRUE(ReviveJob(tx, dead[0].shard, dead[0].id));
                                   EXPECT_FALSE(ReviveJob(tx, dead[0].shard, dead[0].id));
                                   return absl::OkStatus();
                                 }),
              testing::IsOk());
  EXPECT_TRUE(Eventually([&] { return Left(0); }));
}

TEST_F(SchedulerTest, PassingTroubleCostsNoAttempt) {
  std::atomic<int> calls = 0;
  Scheduler scheduler(Options(), pool_);
  scheduler.On("notes", "note", [&](absl::Span<const work::Request<DueJob>> jobs) {
    if (++calls > 6) return Note(jobs);
    return std::vector<work::Outcome>(jobs.size(), absl::UnavailableError("a peer restarts"));
  });
  scheduler.Start();
  Schedule({"a"}, absl::ZeroDuration());
  EXPECT_TRUE(Eventually([&] { return Left(0); }));
}

TEST_F(SchedulerTest, OnlyWhatWasStartedIsAnAttempt) {
  Schedule({"a"}, absl::ZeroDuration());
  JobStore store(pool_);
  const auto claim = [&] { return Claim(absl::ZeroDuration()); };  // a lease that is over at once
  for (int i = 0; i < 10; ++i) ASSERT_THAT(claim(), SizeIs(1)) << i;
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto claimed = claim();
    ASSERT_THAT(claimed, SizeIs(1));
    const auto started = *store.Start(claimed);
    ASSERT_THAT(started, SizeIs(1));
    EXPECT_EQ(started[0].first.attempt, attempt);
    EXPECT_EQ(started[0].first.due, claimed[0].due);
    EXPECT_EQ(started[0].second, claimed[0].epoch);
  }
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_THAT(schema_.Sql("SELECT state, attempt, last_error FROM job"),
              ElementsAre("DEAD|3|every attempt outlived its lease"));
}

TEST_F(SchedulerTest, AnOldLeaseHasNoEffect) {
  Schedule({"a"}, absl::ZeroDuration());
  JobStore store(pool_);
  const auto first = Claim(absl::Milliseconds(50));
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_THAT(*store.Claim({first[0].shard, "notes"}, absl::Now(), 10, 3, absl::Seconds(5)), IsEmpty());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto second = *store.Claim({first[0].shard, "notes"}, absl::Now(), 10, 3, absl::Seconds(5));
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_THAT(*store.Start(first), IsEmpty());
  const auto run = [&](const ClaimedJob& claimed) {
    work::Request<DueJob> request;
    request.caller.principal = auth::ServicePrincipal("test");
    request.command.dedupe_key = "a";
    request.command.payload = "payload of a";
    request.once = work::JobLease{claimed.shard, claimed.id, claimed.epoch};
    return Note(absl::MakeConstSpan(&request, 1))[0];
  };
  EXPECT_THAT(run(first[0]), testing::HasReason("LEASE_LOST"));
  EXPECT_THAT(Effects(), IsEmpty());
  EXPECT_THAT(run(second[0]), testing::IsOk());
  EXPECT_THAT(run(second[0]), testing::HasReason("LEASE_LOST"));
  EXPECT_THAT(Effects(), SizeIs(1));
}

}  // namespace
}  // namespace crm::schedule
