#include "common/work/unit_of_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/digest.h"
#include "common/status/errors.h"
#include "common/testing/concurrent.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"
#include "common/work/tracked.h"

namespace crm::work {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::HasCode;
using testing::HasReason;
using testing::IsOk;
using testing::IsOkAnd;

// A counter per id: small, but with everything an aggregate has.
struct Counter {
  static constexpr std::string_view kAggregateType = "counter";
  Uuid id;
  std::int64_t version = 0;
  std::int64_t value = 0;
};
struct Counted {
  std::int64_t value = 0;
};
struct Add {
  Uuid id;
  std::int64_t amount = 0;
};

constexpr db::Statement kLoad = {"test_load",
                                 "SELECT id, version, value FROM counter WHERE id = ANY($1::uuid[])"};
constexpr db::Statement kInsert = {
    "test_insert",
    "INSERT INTO counter (id, version, value) SELECT u.id, u.version, u.value"
    " FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS u (id, version, value)"
    " ON CONFLICT DO NOTHING RETURNING id"};
constexpr db::Statement kUpdate = {
    "test_update",
    "UPDATE counter c SET version = u.version, value = u.value"
    " FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[]) AS u (id, version, value, loaded)"
    " WHERE c.id = u.id AND c.version = u.loaded RETURNING c.id"};

constexpr std::int64_t kFull = 1000;

class UnitOfWorkTest : public ::testing::Test {
 protected:
  UnitOfWorkTest() {
    schema_.Empty();
    codecs_.BindReply<Counter>([](const Counter& counter) { return std::to_string(counter.value); });
    codecs_.BindEvent<Counted>([](const Counted&) { return outbox::EncodedEvent{"Counted", ""}; });
  }

  Request<Add> Of(Uuid id, std::int64_t amount, Once once = {}) {
    return {{auth::ServicePrincipal("test"), absl::InfiniteFuture(), ""}, {id, amount}, std::move(once)};
  }
  static RequestKey Key(const std::string& id, const std::string& body = "") {
    return {Sha256(id), Sha256(body)};
  }

  std::vector<Outcome> AddAll(const std::vector<Request<Add>>& requests) {
    return work_.Run<Add>(requests, [](Batch<Add>& batch, db::Transaction& tx) {
      std::vector<Uuid> ids;
      for (auto& item : batch.items()) ids.push_back(item->id);
      Tracked<Counter> counters;
      for (db::Row row : tx.Query(kLoad, {ids})) {
        Counter counter;
        counter.id = row.Next<Uuid>();
        counter.version = row.Next<std::int64_t>();
        counter.value = row.Next<std::int64_t>();
        counters.AddLoaded(counter);
      }
      for (auto& item : batch.items()) {
        if (item->amount < 0) {
          item.Fail(errors::FailedPrecondition("NEGATIVE", "a counter only grows"));
          continue;
        }
        Counter* counter = counters.Find(item->id);
        if (counter == nullptr) counter = &counters.AddNew({item->id, 0, 0});
        if (counter->value == kFull) {
          item.Fail(errors::FailedPrecondition("FULL", "this counter is full"));
          continue;
        }
        counter->value += item->amount;
        item.Emit(*counter, Counted{counter->value});
        item.Succeed(*counter);
      }
      std::vector<Uuid> added_ids, changed_ids;
      std::vector<std::int64_t> added_versions, added_values, changed_versions, changed_values, loaded;
      for (const Counter* counter : counters.Added()) {
        added_ids.push_back(counter->id);
        added_versions.push_back(counter->version);
        added_values.push_back(counter->value);
      }
      for (const auto* entry : counters.Changed()) {
        changed_ids.push_back(entry->value.id);
        changed_versions.push_back(entry->value.version);
        changed_values.push_back(entry->value.value);
        loaded.push_back(entry->loaded_version);
      }
      batch.Guard(tx.Query(kInsert, {added_ids, added_versions, added_values}).size() ==
                  static_cast<int>(added_ids.size()));
      batch.Guard(tx.Query(kUpdate, {changed_ids, changed_versions, changed_values, loaded}).size() ==
                  static_cast<int>(changed_ids.size()));
    });
  }

  std::string One(const std::string& sql) { return schema_.Sql(sql).at(0); }

  testing::TestSchema schema_{"guanxi_work_test", "common/work/testdata"};
  db::Pool pool_{{.url = schema_.url(), .application = "test", .size = 8}};
  Codecs codecs_;
  UnitOfWork work_{pool_, "test", codecs_, {}};
};

TEST_F(UnitOfWorkTest, TwoCommandsOnOneRowBothCountAndVersionsHaveNoGap) {
  const Uuid id = Uuid::New();
  const auto outcomes = AddAll({Of(id, 2), Of(id, 3)});
  EXPECT_EQ(*outcomes[0], "2");
  EXPECT_EQ(*outcomes[1], "5");
  EXPECT_EQ(One("SELECT version || '/' || value FROM counter"), "2/5");
  EXPECT_EQ(One("SELECT string_agg(aggregate_seq::text, ',' ORDER BY aggregate_seq) FROM outbox"), "1,2");
}

TEST_F(UnitOfWorkTest, LetsCallsPassThatCrowdButNotForEver) {
  const auto while_running = [this](int calls, const std::function<void()>& act) {
    std::vector<Request<Add>> requests;
    for (int i = 0; i < calls; ++i)
      requests.push_back(Of(Uuid::New(), 1, Key(std::to_string(calls) + "/" + std::to_string(i))));
    work_.Run<Add>(requests, [&](Batch<Add>&, db::Transaction&) { act(); });
  };
  while_running(1, [this] { work_.LetCallsGoFirst(absl::Hours(1)); });  // one is no crowd
  while_running(64, [this] {
    const absl::Time begin = absl::Now();
    work_.LetCallsGoFirst(absl::Milliseconds(20));
    EXPECT_GE(absl::Now() - begin, absl::Milliseconds(20));
  });
  work_.LetCallsGoFirst(absl::Hours(1));  // they are gone
}

TEST_F(UnitOfWorkTest, OneBadItemLeavesItsNeighboursCommitted) {
  std::vector<Request<Add>> requests;
  for (int i = 0; i < 64; ++i) requests.push_back(Of(Uuid::New(), i == 17 ? -1 : 1));
  const auto outcomes = AddAll(requests);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(outcomes[i].ok(), i != 17) << i;
  EXPECT_EQ(One("SELECT count(*) FROM counter"), "63");
}

TEST_F(UnitOfWorkTest, AnItemWhoseDataBreaksAConstraintFailsAlone) {
  std::vector<Request<Add>> requests;
  for (int i = 0; i < 64; ++i)
    requests.push_back(Of(Uuid::New(), i == 40 ? 2'000'000 : 1));  // CHECK (value <= 1000000)
  const auto outcomes = AddAll(requests);
  EXPECT_THAT(outcomes[40], HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(One("SELECT count(*) FROM counter"), "63");
  EXPECT_EQ(One("SELECT count(*) FROM outbox"), "63");
}

TEST_F(UnitOfWorkTest, AnEqualRequestIdExecutesOnceWithinABatchAndAfterIt) {
  const Uuid id = Uuid::New();
  const auto first = AddAll({Of(id, 2, Key("a")), Of(id, 2, Key("a"))});
  const auto later = AddAll({Of(id, 2, Key("a"))});
  EXPECT_THAT(first, Each(IsOk()));
  EXPECT_EQ(*first[1], "2");
  EXPECT_EQ(*later[0], "2");
  EXPECT_EQ(One("SELECT value FROM counter"), "2");
}

TEST_F(UnitOfWorkTest, TheSameRequestIdWithAnotherBodyIsRefused) {
  const Uuid id = Uuid::New();
  EXPECT_THAT(AddAll({Of(id, 2, Key("a", "x")), Of(id, 3, Key("a", "y"))})[1],
              HasReason("REQUEST_ID_REUSED"));
  EXPECT_THAT(AddAll({Of(id, 3, Key("a", "y"))})[0], HasReason("REQUEST_ID_REUSED"));
  EXPECT_EQ(One("SELECT value FROM counter"), "2");
}

TEST_F(UnitOfWorkTest, WhatWasDoneIsAnsweredAsThenEvenIfItWouldFailNow) {
  const Uuid full = Uuid::New(), high = Uuid::New(), other = Uuid::New();
  ASSERT_THAT(AddAll({Of(full, kFull, Key("a")), Of(high, 600'000, Key("b"))}), Each(IsOk()));
  const auto again = AddAll({Of(full, kFull, Key("a")), Of(high, 600'000, Key("b")), Of(other, 1, Key("c"))});
  ASSERT_THAT(again, Each(IsOk()));
  EXPECT_EQ(*again[0], "1000");
  EXPECT_EQ(*again[1], "600000") << "once more, and it would be too much for the table";
  EXPECT_THAT(AddAll({Of(full, kFull, Key("a"))}), ElementsAre(IsOkAnd("1000"))) << "asked for alone";
  EXPECT_THAT(AddAll({Of(full, 1, Key("a", "another body"))})[0], HasReason("REQUEST_ID_REUSED"));
  EXPECT_THAT(AddAll({Of(full, 1, Key("d"))})[0], HasReason("FULL"));
  EXPECT_EQ(One("SELECT sum(value) FROM counter"), "601001");
}

TEST_F(UnitOfWorkTest, WhatWasDoneWhileTheSetRanAgainIsAnsweredAsThen) {
  const Uuid id = Uuid::New();
  int runs = 0;
  const auto outcomes =
      work_.Run<Add>(std::vector{Of(id, kFull, Key("a"))}, [&](Batch<Add>& batch, db::Transaction&) {
        if (++runs == 1) return batch.Guard(false);
        EXPECT_THAT(AddAll({Of(id, kFull, Key("a"))})[0], IsOk());  // the call that this one repeats
        for (auto& item : batch.items())
          item.Fail(errors::FailedPrecondition("FULL", "this counter is full"));
      });
  EXPECT_THAT(outcomes, ElementsAre(IsOkAnd("1000")));
  EXPECT_EQ(runs, 2);
}

TEST_F(UnitOfWorkTest, WhatIsRefusedBeforehandIsNotTriedUnlessItWasDoneBefore) {
  const Uuid id = Uuid::New(), aggregate = Uuid::New();
  const auto refused = [&](std::int64_t amount, Once once) {
    Request<Add> request = Of(id, amount, std::move(once));
    request.refused = errors::Unavailable("DIRECTORY_UNAVAILABLE", "the directory does not answer");
    return request;
  };
  const auto event = [&](std::int64_t seq) { return EventKey{"elsewhere", Uuid::New(), aggregate, seq}; };
  const EventKey heard = event(1), unheard = event(2);
  ASSERT_THAT(AddAll({Of(id, 2, Key("a")), Of(id, 3, heard)}), Each(IsOk()));
  const auto outcomes = AddAll({refused(2, Key("a")), refused(2, Key("b")), Of(id, 4, Key("c")),
                                refused(3, heard), refused(3, unheard), Of(id, 3, event(3))});
  EXPECT_THAT(outcomes, ElementsAre(IsOkAnd("2"), HasCode(absl::StatusCode::kUnavailable), IsOkAnd("9"),
                                    IsOk(), HasCode(absl::StatusCode::kUnavailable), HasReason("EVENT_GAP")));
  EXPECT_EQ(One("SELECT value FROM counter"), "9");
  EXPECT_THAT(AddAll({Of(id, 1, Key("b")), Of(id, 1, unheard)}), Each(IsOk()))
      << "a refusal is not remembered";
}

TEST_F(UnitOfWorkTest, AKeyThatSomebodyTookMeanwhileRunsTheSetAgain) {
  static constexpr db::Statement kPlainInsert = {
      "test_plain_insert", "INSERT INTO counter (id, version, value) VALUES ($1, 1, 1)"};
  const Uuid id = Uuid::New();
  ASSERT_THAT(AddAll({Of(id, 1)}), Each(IsOk()));
  const auto insert = [&](int times) {
    int runs = 0;
    const auto outcomes = work_.Run<Add>(std::vector{Of(id, 1, Key(Uuid::New().ToString()))},
                                         [&](Batch<Add>& batch, db::Transaction& tx) {
                                           if (++runs <= times) tx.Query(kPlainInsert, {id});
                                           for (auto& item : batch.items()) item.Succeed(Counter{});
                                         });
    return outcomes.at(0).status();
  };
  EXPECT_THAT(insert(2), IsOk());
  EXPECT_THAT(insert(1000), HasReason("ALREADY_EXISTS"));
}

TEST_F(UnitOfWorkTest, AFailureIsNotRemembered) {
  const Uuid id = Uuid::New();
  EXPECT_THAT(AddAll({Of(id, -1, Key("a", "x"))})[0], HasReason("NEGATIVE"));
  EXPECT_THAT(AddAll({Of(id, 1, Key("a", "y"))})[0], IsOk());
}

TEST_F(UnitOfWorkTest, SixtyFourCommandsTakeAsManyRoundTripsAsOne) {
  const auto trips = [&](int commands) {
    std::vector<Request<Add>> requests;
    for (int i = 0; i < commands; ++i) requests.push_back(Of(Uuid::New(), 1, Key(Uuid::New().ToString())));
    const auto before = pool_.round_trips();
    EXPECT_THAT(AddAll(requests), Each(IsOk()));
    return pool_.round_trips() - before;
  };
  trips(1);
  EXPECT_EQ(trips(64), trips(1));
}

TEST_F(UnitOfWorkTest, EventsAreAppliedOnceAndInOrder) {
  const Uuid id = Uuid::New(), aggregate = Uuid::New();
  const auto event = [&](std::int64_t seq) {
    return Once(EventKey{"customer", Uuid::New(), aggregate, seq});
  };
  EXPECT_THAT(AddAll({Of(id, 1, event(1)), Of(id, 1, event(2))}), Each(IsOk()));
  EXPECT_THAT(AddAll({Of(id, 1, event(2))})[0], IsOk());  // heard before: no effect
  EXPECT_THAT(AddAll({Of(id, 1, event(4))})[0], HasReason("EVENT_GAP"));
  EXPECT_EQ(One("SELECT value FROM counter"), "2");
  EXPECT_EQ(One("SELECT count(*) FROM inbox"), "2");
}

TEST_F(UnitOfWorkTest, EventsBehindOneThatFailedAreNotApplied) {
  const Uuid id = Uuid::New(), aggregate = Uuid::New();
  const auto event = [&](std::int64_t seq) {
    return Once(EventKey{"customer", Uuid::New(), aggregate, seq});
  };
  const auto outcomes = AddAll({Of(id, 1, event(1)), Of(id, -1, event(2)), Of(id, 1, event(3))});
  EXPECT_THAT(outcomes[0], IsOk());
  EXPECT_THAT(outcomes[1], HasReason("NEGATIVE"));
  EXPECT_THAT(outcomes[2], HasReason("EVENT_GAP"));
  EXPECT_EQ(One("SELECT value FROM counter"), "1");
  EXPECT_EQ(One("SELECT max(aggregate_seq) FROM inbox"), "1");
}

TEST_F(UnitOfWorkTest, AJobWhoseLeaseWasLostHasNoEffect) {
  const Uuid job = Uuid::New(), id = Uuid::New();
  schema_.Sql(
      "INSERT INTO job (shard, id, kind, queue, dedupe_key, subject_id, payload, state, due_time, attempt,"
      " lease_epoch, last_error, create_time, update_time) VALUES (0, '" +
      job.ToString() + "', 'k', 'q', 'd', '" + id.ToString() +
      "', '', 'LEASED', now(), 1, 7, '', now(), now())");
  EXPECT_THAT(AddAll({Of(id, 1, JobLease{0, job, 6})})[0], HasReason("LEASE_LOST"));
  EXPECT_THAT(AddAll({Of(id, 1, JobLease{0, job, 7})})[0], IsOk());
  EXPECT_THAT(AddAll({Of(id, 1, JobLease{0, job, 7})})[0], HasReason("LEASE_LOST"));
  EXPECT_EQ(One("SELECT value FROM counter"), "1");
  EXPECT_EQ(One("SELECT count(*) FROM job"), "0");
}

TEST_F(UnitOfWorkTest, ManyThreadsOnFewRowsLoseNothing) {
  constexpr int kThreads = 8, kRounds = 25;
  const std::vector<Uuid> ids = {Uuid::New(), Uuid::New(), Uuid::New()};
  testing::RunConcurrently(kThreads, [&](int thread) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string key = std::to_string(thread) + "/" + std::to_string(round);
      const std::vector<Request<Add>> requests = {Of(ids[0], 1, Key(key + "a")),
                                                  Of(ids[1 + round % 2], 1, Key(key + "b"))};
      // Contention may be answered; the caller repeats under the same request_id.
      while (true) {
        const auto outcomes = AddAll(requests);
        if (outcomes[0].ok() && outcomes[1].ok()) break;
      }
    }
  });
  EXPECT_EQ(One("SELECT sum(value) FROM counter"), std::to_string(2 * kThreads * kRounds));
  EXPECT_EQ(One("SELECT bool_and(version = value) FROM counter"), "t");
  EXPECT_EQ(One("SELECT count(*) FROM outbox"), std::to_string(2 * kThreads * kRounds));
  EXPECT_EQ(One("SELECT count(*) FROM idempotency"), std::to_string(2 * kThreads * kRounds));
}

}  // namespace
}  // namespace crm::work
