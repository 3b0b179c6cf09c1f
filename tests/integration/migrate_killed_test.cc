// guanxi-migrate is killed in the middle of a migration, again and again: in the end the schemas are what
// they are when nobody is killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <random>

#include "absl/strings/substitute.h"
#include "common/testing/concurrent.h"
#include "common/testing/database.h"
#include "tests/support/process.h"

namespace crm::testing {
namespace {

using absl::Substitute;
using ::testing::ElementsAre;

constexpr int kKills = 9;

// A run that comes to its `moment`, a relation it has just made or a migration it is about to record, goes on
// when that row is gone.
constexpr char kMoments[] = R"(
CREATE SCHEMA killed;
CREATE TABLE killed.moment (run text NOT NULL, what text NOT NULL);
CREATE FUNCTION killed.wait(now text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WHILE EXISTS (SELECT FROM killed.moment WHERE run = current_setting('application_name') AND what = now) LOOP
    PERFORM pg_sleep(0.005);
  END LOOP;
END $$;
CREATE FUNCTION killed.recording() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM killed.wait(TG_TABLE_SCHEMA || '.' || NEW.name);
  RETURN NEW;
END $$;
CREATE FUNCTION killed.made() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
  made record;
BEGIN
  FOR made IN SELECT object_identity AS name, command_tag FROM pg_event_trigger_ddl_commands() LOOP
    PERFORM killed.wait(made.name);
    IF made.command_tag = 'CREATE TABLE' AND made.name LIKE '%.schema\_migration' THEN
      EXECUTE format('CREATE TRIGGER recording BEFORE INSERT ON %s'
                     ' FOR EACH ROW EXECUTE FUNCTION killed.recording()', made.name);
    END IF;
  END LOOP;
END $$;
CREATE EVENT TRIGGER made ON ddl_command_end EXECUTE FUNCTION killed.made())";

// Everything that migrations make, in words that are the same in every database.
constexpr const char* kEverything[] = {
    R"(SELECT table_schema, table_name, ordinal_position, column_name, udt_name, is_nullable, column_default,
              collation_name, is_identity, is_generated
         FROM information_schema.columns WHERE table_schema LIKE 'guanxi\_%' ORDER BY 1, 2, 3)",
    R"(SELECT schemaname, indexname, indexdef FROM pg_indexes WHERE schemaname LIKE 'guanxi\_%' ORDER BY 1, 2)",
    R"(SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
        WHERE connamespace::regnamespace::text LIKE 'guanxi\_%' ORDER BY conrelid::regclass::text, conname)",
    R"(SELECT oid::regclass, reloptions,
              (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(relacl) AS acl)
         FROM pg_class WHERE relnamespace::regnamespace::text LIKE 'guanxi\_%' AND relkind = 'r'
        ORDER BY oid::regclass::text)",
    R"(SELECT nspname, (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(nspacl) AS acl)
         FROM pg_namespace WHERE nspname LIKE 'guanxi\_%' ORDER BY 1)"};

constexpr char kRecords[] = R"(
SELECT 'guanxi_customer', name, hash, $0 FROM guanxi_customer.schema_migration
UNION ALL SELECT 'guanxi_opportunity', name, hash, $0 FROM guanxi_opportunity.schema_migration
UNION ALL SELECT 'guanxi_contract_credit', name, hash, $0 FROM guanxi_contract_credit.schema_migration
UNION ALL SELECT 'guanxi_analytics', name, hash, $0 FROM guanxi_analytics.schema_migration ORDER BY 1, 2)";

// A database of its own.
class Fresh {
 public:
  explicit Fresh(const std::string& name)
      : name_(name + "_" + std::to_string(getpid())), url_(AdminDatabaseUrl() + " dbname=" + name_) {
    Drop();
    RunSql(AdminDatabaseUrl(), "CREATE DATABASE " + name_ + " TEMPLATE template0 ENCODING 'UTF8'");
    Sql(kMoments);
  }
  ~Fresh() { Drop(); }
  Fresh(const Fresh&) = delete;
  Fresh& operator=(const Fresh&) = delete;

  const std::string& url() const { return url_; }
  std::vector<std::string> Sql(const std::string& sql) const { return RunSql(url_, sql); }

  std::vector<std::string> Everything() const {
    std::vector<std::string> all = Sql(Substitute(kRecords, "''"));
    for (const char* sql : kEverything)
      for (std::string& row : Sql(sql)) all.push_back(std::move(row));
    return all;
  }

 private:
  void Drop() const { RunSql(AdminDatabaseUrl(), "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)"); }

  const std::string name_, url_;
};

class MigrateKilledTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = mkdtemp(folder_.data());
    const auto reference = Migrate(undisturbed_);
    ASSERT_EQ(reference->Wait(), 0) << reference->Log();
  }
  ~MigrateKilledTest() override { std::filesystem::remove_all(folder_); }

  // guanxi-migrate on `fresh`; its output is its own.
  std::unique_ptr<Process> Migrate(const Fresh& fresh) {
    ++runs_;
    return std::make_unique<Process>(
        std::vector<std::string>{CRM_MIGRATE, "--database-url", fresh.url()},
        Substitute("$0/$1.log", folder_, runs_),
        std::map<std::string, std::string>{{"PGAPPNAME", Substitute("migrate-$0", runs_)}});
  }

  // The latest run's backend while it waits, within its transaction: its pid.
  std::vector<std::string> WhoWaits(const Fresh& fresh) const {
    return fresh.Sql(
        Substitute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                   " AND application_name = 'migrate-$0' AND wait_event = 'PgSleep'",
                   runs_));
  }
  void Kill(const Fresh& fresh, const std::string& moment, const std::string& victim);
  void KillAtSomeOf(const std::vector<std::string>& moments);

  const Fresh undisturbed_{"guanxi_undisturbed"};
  std::string folder_ = "/tmp/guanxi-migrate-XXXXXX";
  int runs_ = 0;
};

void MigrateKilledTest::Kill(const Fresh& fresh, const std::string& moment, const std::string& victim) {
  SCOPED_TRACE(victim + " killed at " + moment);
  fresh.Sql(Substitute("INSERT INTO killed.moment VALUES ('migrate-$0', '$1')", runs_ + 1, moment));
  const auto migrate = Migrate(fresh);
  std::vector<std::string> backend;
  ASSERT_TRUE(Eventually([&] { return !migrate->running() || !(backend = WhoWaits(fresh)).empty(); }));
  ASSERT_TRUE(migrate->running()) << migrate->Log();
  if (victim != "backend") {
    migrate->Signal(SIGKILL);
    EXPECT_EQ(migrate->Wait(), -SIGKILL);
  }
  if (victim != "process") {
    EXPECT_THAT(fresh.Sql(Substitute("SELECT pg_terminate_backend($0, 10000)", backend.at(0))),
                ElementsAre("t"));
  }
  // A backend without its client does the rest of what it was sent, and then finds nobody to answer to.
  fresh.Sql("DELETE FROM killed.moment");
  if (victim == "backend") {
    EXPECT_EQ(migrate->Wait(), 1) << migrate->Log();
    EXPECT_THAT(migrate->Log(), ::testing::HasSubstr(moment.substr(0, moment.find('.')) + ": "));
  }
}

// Kills at some of `moments`, which are in the order in which they come; then runs to the end.
void MigrateKilledTest::KillAtSomeOf(const std::vector<std::string>& moments) {
  const char* given = std::getenv("GUANXI_FAULT_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::atol(given)) : std::random_device{}();
  std::cout << "repeat with GUANXI_FAULT_SEED=" << seed << std::endl;
  std::mt19937 random(seed);
  std::vector<std::string> chosen;
  std::sample(moments.begin(), moments.end(), std::back_inserter(chosen), kKills, random);
  const Fresh fresh("guanxi_killed");
  static constexpr const char* kVictims[] = {"process", "backend", "process and backend"};
  for (std::size_t i = 0; i < chosen.size(); ++i)
    ASSERT_NO_FATAL_FAILURE(Kill(fresh, chosen[i], kVictims[i % std::size(kVictims)]));

  const auto last = Migrate(fresh);
  ASSERT_EQ(last->Wait(), 0) << last->Log();
  const std::vector<std::string> wanted = undisturbed_.Everything();
  ASSERT_GT(wanted.size(), 500u);
  EXPECT_THAT(fresh.Everything(), ::testing::ElementsAreArray(wanted));
  const std::vector<std::string> records = fresh.Sql(Substitute(kRecords, "run_time"));
  const auto again = Migrate(fresh);
  EXPECT_EQ(again->Wait(), 0);
  EXPECT_EQ(again->Log(), "all schemas are up to date\n");
  EXPECT_THAT(fresh.Everything(), ::testing::ElementsAreArray(wanted));
  EXPECT_EQ(fresh.Sql(Substitute(kRecords, "run_time")), records);
}

TEST_F(MigrateKilledTest, WithinAMigration) {
  const std::vector<std::string> relations = undisturbed_.Sql(
      R"(SELECT oid::regclass FROM pg_class
         WHERE relkind = 'r' AND relnamespace::regnamespace::text LIKE 'guanxi\_%'
         UNION ALL SELECT indexrelid::regclass FROM pg_index JOIN pg_class ON oid = indexrelid
         WHERE relnamespace::regnamespace::text LIKE 'guanxi\_%'
           AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) ORDER BY 1)");
  ASSERT_GT(relations.size(), 50u);
  KillAtSomeOf(relations);
}

TEST_F(MigrateKilledTest, BetweenAMigrationAndItsRecord) {
  const std::vector<std::string> migrations =
      undisturbed_.Sql("SELECT schema || '.' || name FROM (" + Substitute(kRecords, "run_time") +
                       ") AS record (schema, name, hash, run_time) ORDER BY run_time");
  ASSERT_GT(migrations.size(), 10u);
  KillAtSomeOf(migrations);
}

}  // namespace
}  // namespace crm::testing
