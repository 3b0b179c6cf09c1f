#include "common/db/cancel.h"

#include <gtest/gtest.h>

#include <thread>

#include "absl/time/clock.h"
#include "common/db/rows.h"
#include "common/db/transaction.h"
#include "common/testing/concurrent.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"

namespace crm::db {
namespace {

using testing::Eventually;
using testing::HasCode;
using testing::IsOk;

constexpr Statement kLong{"long_read", "SELECT pg_sleep(60)"};
constexpr Statement kShort{"short_read", "SELECT 7::bigint"};

class CancellationTest : public ::testing::Test {
 protected:
  absl::Status Read(const Statement& statement) {
    return RunStatements(pool_, absl::Now() + absl::Seconds(5), [&](Transaction& tx) {
      tx.Query(statement);
      return absl::OkStatus();
    });
  }
  bool Sleeping() {
    return schema_.Sql(
               "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep%'"
               " AND pid <> pg_backend_pid()")[0] != "0";
  }

  testing::TestSchema schema_{"guanxi_test_cancel"};
  Pool pool_{{schema_.url(), "test", 1}};
};

TEST_F(CancellationTest, EndsTheStatementThatRunsInPostgresql) {
  Cancellation cancellation;
  absl::Status status;
  std::thread reader([&] {
    const Cancellation::Scope scope(cancellation);
    status = Read(kLong);
  });
  EXPECT_TRUE(Eventually([&] { return Sleeping(); }));
  const absl::Time begin = absl::Now();
  cancellation.Cancel();
  reader.join();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(3));  // not its statement timeout
  EXPECT_THAT(status, HasCode(absl::StatusCode::kCancelled));
  EXPECT_FALSE(Sleeping());
  EXPECT_THAT(Read(kShort), IsOk());  // somebody else's, over the only connection
}

TEST_F(CancellationTest, StartsNothingForACallerWhoHasLeft) {
  Cancellation cancellation;
  cancellation.Cancel();
  const Cancellation::Scope scope(cancellation);
  const std::int64_t before = pool_.round_trips();
  EXPECT_THAT(Read(kShort), HasCode(absl::StatusCode::kCancelled));
  EXPECT_EQ(pool_.round_trips(), before);
}

TEST_F(CancellationTest, LeavesWritesAlone) {
  Cancellation cancellation;
  cancellation.Cancel();
  const Cancellation::Scope scope(cancellation);
  EXPECT_THAT(RunTransaction(pool_, absl::Now() + absl::Seconds(5),
                             [](Transaction& tx) {
                               tx.Query(kShort);
                               return absl::OkStatus();
                             }),
              IsOk());
}

TEST_F(CancellationTest, HitsNobodyElse) {
  Pool pool{{schema_.url(), "test", 4}};
  testing::RunConcurrently(8, [&](int thread) {
    for (int i = 0; i < 50; ++i) {
      if (thread % 2 == 0) {
        EXPECT_THAT(RunStatements(pool, absl::Now() + absl::Seconds(5),
                                  [](Transaction& tx) {
                                    EXPECT_EQ(tx.Query(kShort)[0].Next<std::int64_t>(), 7);
                                    return absl::OkStatus();
                                  }),
                    IsOk());
        continue;
      }
      Cancellation cancellation;
      std::thread leaving([&] { cancellation.Cancel(); });
      {
        const Cancellation::Scope scope(cancellation);
        RunStatements(pool, absl::Now() + absl::Seconds(5), [](Transaction& tx) {
          tx.Query(kShort);
          return absl::OkStatus();
        }).IgnoreError();
      }
      leaving.join();
    }
  });
}

}  // namespace
}  // namespace crm::db
