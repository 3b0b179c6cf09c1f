#include "common/db/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "absl/time/clock.h"
#include "common/db/transaction.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"

namespace crm::db {
namespace {

class StatementTest : public ::testing::Test {
 protected:
  // What PostgreSQL makes of `sql` with one parameter.
  template <class T>
  std::vector<T> Rows(const Statement& statement, const Param& param) {
    std::vector<T> values;
    const absl::Status status = RunStatements(pool_, absl::Now() + absl::Seconds(5), [&](Transaction& tx) {
      for (Row row : tx.Query(statement, {param})) values.push_back(row.Next<T>());
      return absl::OkStatus();
    });
    EXPECT_THAT(status, testing::IsOk()) << statement.sql;
    return values;
  }

  // Sends `values` as an array and each alone; both come back as they were given.
  template <class T>
  void Echo(const Statement& array, const Statement& scalar, const std::vector<T>& values) {
    EXPECT_EQ(Rows<T>(array, values), values);
    EXPECT_TRUE(Rows<T>(array, std::vector<T>()).empty());
    for (const T& value : values) EXPECT_EQ(Rows<T>(scalar, value), std::vector<T>{value});
    std::vector<std::optional<T>> with_null(values.begin(), values.end());
    with_null.push_back(std::nullopt);
    EXPECT_EQ(Rows<std::optional<T>>(array, with_null), with_null);
    EXPECT_EQ(Rows<std::optional<T>>(scalar, std::optional<T>()), std::vector<std::optional<T>>(1));
  }

  testing::TestSchema schema_{"guanxi_test_statement"};
  Pool pool_{{schema_.url(), "test", 1}};
};

#define ECHO(type, ...) \
  Echo({"texts_" type, "SELECT unnest($1::" type "[])"}, {"text_" type, "SELECT $1::" type}, __VA_ARGS__)

TEST_F(StatementTest, ValuesComeBackAsTheyWereGivenAloneAndInArrays) {
  ECHO("text", std::vector<std::string>{"", " ", "NULL", "{a,\"b\\\\}", "关系\n", std::string(100'000, 'x')});
  ECHO("bigint", std::vector<std::int64_t>{0, -1, std::numeric_limits<std::int64_t>::max(),
                                           std::numeric_limits<std::int64_t>::min()});
  ECHO("int", std::vector<int>{0, -7, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()});
  ECHO("double precision", std::vector<double>{0, -0.1, 1e300, 1.0 / 3});
  ECHO("uuid", std::vector<Uuid>{Uuid(), Uuid::New(), Uuid(~0ULL, ~0ULL)});
  ECHO("date", std::vector<absl::CivilDay>{absl::CivilDay(1, 1, 1), absl::CivilDay(1999, 12, 31),
                                           absl::CivilDay(2000, 2, 29), absl::CivilDay(12345, 6, 7)});
  EXPECT_EQ(Rows<bool>({"booleans", "SELECT unnest($1::boolean[])"}, std::vector<bool>{true, false}),
            (std::vector<bool>{true, false}));
}

TEST_F(StatementTest, TimesComeBackAsTheyWereGiven) {
  const auto at = [](std::int64_t year, int month, int day) {
    return absl::FromCivil(absl::CivilSecond(year, month, day, 23, 59, 58), absl::UTCTimeZone());
  };
  ECHO("timestamptz",
       std::vector<absl::Time>{at(1, 1, 1), at(1970, 1, 1), at(2026, 11, 23) + absl::Microseconds(120'003),
                               at(9999, 12, 31), at(10000, 1, 1), at(12345, 6, 7) + absl::Microseconds(5),
                               absl::InfiniteFuture(), absl::InfinitePast()});
}

TEST_F(StatementTest, BytesComeBackAsTheyWereGiven) {
  const std::string all = [] {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    return bytes;
  }();
  const auto texts = [](const std::vector<Bytes>& values) {
    std::vector<std::string> texts;
    for (const Bytes& bytes : values) texts.push_back(bytes.value);
    return texts;
  };
  const std::vector<Bytes> values = {{all}, {""}, {"\\x00"}};
  EXPECT_EQ(texts(Rows<Bytes>({"byteas", "SELECT unnest($1::bytea[])"}, values)), texts(values));
  EXPECT_EQ(texts(Rows<Bytes>({"bytea", "SELECT $1::bytea"}, values[0])), texts({values[0]}));
}

TEST_F(StatementTest, AnArrayOfAnotherTypeThanTheStatementNamesIsRefused) {
  const absl::Status status = RunStatements(pool_, absl::Now() + absl::Seconds(5), [&](Transaction& tx) {
    tx.Query({"wrong", "SELECT unnest($1::bigint[])"}, {std::vector<int>{1}});
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace crm::db
