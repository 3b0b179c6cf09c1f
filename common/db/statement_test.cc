#include "common/db/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/db/transaction.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"

namespace crm::db {
namespace {

constexpr Statement kSame{"same_time", "SELECT $1::timestamptz"};

TEST(StatementTest, ATimeComesBackAsItWasGiven) {
  testing::TestSchema schema("guanxi_test_statement");
  Pool pool({schema.url(), "test", 1});
  const auto at = [](std::int64_t year, int month, int day) {
    return absl::FromCivil(absl::CivilSecond(year, month, day, 23, 59, 58), absl::UTCTimeZone());
  };
  const absl::Status status = RunStatements(pool, absl::Now() + absl::Seconds(5), [&](Transaction& tx) {
    for (const absl::Time time : {at(1, 1, 1), at(1970, 1, 1), at(2026, 11, 23) + absl::Microseconds(120'003),
                                  at(9999, 12, 31), at(10000, 1, 1), at(12345, 6, 7) + absl::Microseconds(5),
                                  absl::InfiniteFuture(), absl::InfinitePast()})
      EXPECT_EQ(tx.Query(kSame, {time})[0].Next<absl::Time>(), time);
    return absl::OkStatus();
  });
  EXPECT_THAT(status, testing::IsOk());
}

}  // namespace
}  // namespace crm::db
