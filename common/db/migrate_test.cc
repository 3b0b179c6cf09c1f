#include "common/db/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "common/db/transaction.h"
#include "common/testing/concurrent.h"
#include "common/testing/database.h"
#include "common/testing/matchers.h"

namespace crm::db {
namespace {

using testing::HasReason;
using testing::IsOk;

constexpr Statement kAdd = {"test_add", "INSERT INTO thing (id) VALUES ($1)"};
constexpr Statement kCount = {"test_count", "SELECT count(*) FROM thing"};

class MigrateTest : public ::testing::Test {
 protected:
  absl::Status Run(const Schema& schema) {
    return Migrate(testing::AdminDatabaseUrl(), schema, [this](const std::string&) { ++ran_; });
  }
  // What the role itself can do.
  static absl::Status AsRole(const std::string& role, const std::function<void(Transaction&)>& script) {
    Pool pool({.url = testing::AsRole(testing::AdminDatabaseUrl(), role), .application = "test", .size = 1});
    return RunTransaction(pool, absl::InfiniteFuture(), [&](Transaction& tx) {
      script(tx);
      return absl::OkStatus();
    });
  }

  std::atomic<int> ran_{0};
};

TEST_F(MigrateTest, RunsOnceHoweverOftenAndFromHoweverManyPlaces) {
  const Schema schema{
      "guanxi_migrate_once", {{"0001_thing.sql", "CREATE TABLE thing (id bigint PRIMARY KEY)"}}, ""};
  testing::RunConcurrently(4, [&](int) { EXPECT_THAT(Run(schema), IsOk()); });
  const int foundation = static_cast<int>(FoundationMigrations().size());
  EXPECT_EQ(ran_, foundation + 1);
  EXPECT_THAT(Run(schema), IsOk());
  EXPECT_EQ(ran_, foundation + 1);
  EXPECT_THAT(AsRole(schema.name, [](Transaction& tx) { tx.Query(kAdd, {1}); }), IsOk());
}

TEST_F(MigrateTest, WhatBreaksInTheMiddleLeavesNothingAndRunsWhenItIsMended) {
  Schema schema{"guanxi_migrate_broken",
                {{"0001_thing.sql", "CREATE TABLE thing (id bigint PRIMARY KEY); SELECT 1 / 0"}},
                ""};
  EXPECT_FALSE(Run(schema).ok());
  EXPECT_FALSE(AsRole(schema.name, [](Transaction& tx) { tx.Query(kCount); }).ok());
  schema.migrations[0].sql = "CREATE TABLE thing (id bigint PRIMARY KEY)";
  EXPECT_THAT(Run(schema), IsOk());
  EXPECT_THAT(AsRole(schema.name, [](Transaction& tx) { tx.Query(kCount); }), IsOk());
}

TEST_F(MigrateTest, AFileEditedAfterItRanIsRefused) {
  Schema schema{
      "guanxi_migrate_edited", {{"0001_thing.sql", "CREATE TABLE thing (id bigint PRIMARY KEY)"}}, ""};
  ASSERT_THAT(Run(schema), IsOk());
  schema.migrations[0].sql += " ";
  EXPECT_THAT(Run(schema), HasReason("MIGRATION_CHANGED"));
}

TEST_F(MigrateTest, ARecordThatIsGoneAtTheEndIsMissed) {
  const Schema schema{
      "guanxi_migrate_missing", {{"0001_thing.sql", "CREATE TABLE thing (id bigint PRIMARY KEY)"}}, ""};
  // As when somebody brings back an older state of the table beside the migration.
  const auto forget_the_first = [](const std::string&) {
    testing::RunSql(testing::AdminDatabaseUrl(),
                    "DELETE FROM guanxi_migrate_missing.schema_migration"
                    " WHERE name = '0001_foundation.sql'");
  };
  const absl::Status status = Migrate(testing::AdminDatabaseUrl(), schema, forget_the_first);
  EXPECT_THAT(status, HasReason("MIGRATION_MISSING"));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("guanxi_migrate_missing"));
}

TEST_F(MigrateTest, ARoleThatSeesAnotherServicesSchemaIsALeak) {
  const Schema own{"guanxi_migrate_leak", {}, ""}, other{"guanxi_migrate_other", {}, ""};
  ASSERT_THAT(Run(own), IsOk());
  ASSERT_THAT(Run(other), IsOk());
  const std::string admin = testing::AdminDatabaseUrl();
  testing::RunSql(admin, "GRANT USAGE ON SCHEMA guanxi_migrate_other TO guanxi_migrate_leak");
  const absl::Status status = Run(own);
  EXPECT_THAT(status, HasReason("SCHEMA_LEAK"));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("can see schema guanxi_migrate_other"));
  EXPECT_THAT(Run(other), IsOk()) << "the other one sees nothing";
  testing::RunSql(admin, "REVOKE USAGE ON SCHEMA guanxi_migrate_other FROM guanxi_migrate_leak");
  EXPECT_THAT(Run(own), IsOk());
}

}  // namespace
}  // namespace crm::db
