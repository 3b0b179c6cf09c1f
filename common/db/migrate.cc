#include "common/db/migrate.h"

#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/db/timeouts.h"
#include "common/status/errors.h"

namespace crm::db {
namespace {

constexpr char kLock[] = "SELECT pg_advisory_xact_lock(hashtextextended('guanxi-migrate', 0))";

// Roles are shared by all databases of a server, the advisory lock is not: another database's migration may
// create the same role at the same moment.
void EnsureRole(pqxx::connection& connection, const Schema& schema) {
  for (int attempt = 1;; ++attempt) {
    try {
      pqxx::work tx(connection);
      tx.exec(kLock);
      if (tx.exec_params("SELECT 1 FROM pg_roles WHERE rolname = $1", schema.name).empty())
        tx.exec("CREATE ROLE " + tx.quote_name(schema.name) + " LOGIN");
      if (!schema.password.empty())
        tx.exec("ALTER ROLE " + tx.quote_name(schema.name) + " PASSWORD " + tx.quote(schema.password));
      tx.exec("CREATE SCHEMA IF NOT EXISTS " + tx.quote_name(schema.name));
      tx.exec("REVOKE ALL ON SCHEMA public FROM PUBLIC");
      tx.exec("GRANT USAGE ON SCHEMA " + tx.quote_name(schema.name) + " TO " + tx.quote_name(schema.name));
      tx.exec("ALTER DEFAULT PRIVILEGES IN SCHEMA " + tx.quote_name(schema.name) +
              " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO " + tx.quote_name(schema.name));
      const std::string database = tx.exec1("SELECT current_database()")[0].c_str();
      tx.exec("ALTER ROLE " + tx.quote_name(schema.name) + " IN DATABASE " + tx.quote_name(database) +
              " SET search_path = " + tx.quote_name(schema.name));
      if (tx.exec1("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")[0].as<bool>())
        tx.exec("ALTER ROLE " + tx.quote_name(schema.name) + " SET deadlock_timeout = '100ms'");
      tx.exec("CREATE TABLE IF NOT EXISTS " + tx.quote_name(schema.name) +
              ".schema_migration (name text PRIMARY KEY, hash text NOT NULL, run_time timestamptz NOT NULL)");
      tx.commit();
      return;
    } catch (const pqxx::sql_error& error) {
      const std::string& state = error.sqlstate();
      const bool raced = state == "42710" || state == "23505" || state == "XX000" || state == "40001";
      if (!raced || attempt == 20) throw;
    }
  }
}

absl::Status Apply(pqxx::connection& connection, const Schema& schema, const Migration& migration,
                   const std::function<void(const std::string&)>& progress) {
  pqxx::work tx(connection);
  tx.exec(kLock);
  tx.exec("SET LOCAL search_path = " + tx.quote_name(schema.name));
  const std::string hash = Hex(Sha256(migration.sql));
  const pqxx::result known =
      tx.exec_params("SELECT hash FROM schema_migration WHERE name = $1", migration.name);
  if (!known.empty()) {
    if (known[0][0].c_str() == hash) return absl::OkStatus();
    return errors::FailedPrecondition(
        "MIGRATION_CHANGED",
        absl::StrCat(schema.name, ": ", migration.name,
                     " was edited after it ran; undo the edit and add a new migration instead"));
  }
  tx.exec(migration.sql);
  tx.exec_params("INSERT INTO schema_migration (name, hash, run_time) VALUES ($1, $2, clock_timestamp())",
                 migration.name, hash);
  tx.commit();
  progress(absl::StrCat(schema.name, ": ", migration.name));
  return absl::OkStatus();
}

absl::Status Check(pqxx::connection& connection, const Schema& schema, std::size_t expected) {
  pqxx::nontransaction session(connection);
  const auto recorded =
      session.exec1("SELECT count(*) FROM " + session.quote_name(schema.name) + ".schema_migration");
  if (recorded[0].as<std::size_t>() < expected)
    return errors::FailedPrecondition("MIGRATION_MISSING",
                                      schema.name + " lacks migrations; run the migration again");
  const pqxx::result foreign = session.exec_params(
      "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'guanxi\\_%' AND nspname <> $1 "
      "AND has_schema_privilege($1, nspname, 'USAGE')",
      schema.name);
  if (!foreign.empty())
    return errors::FailedPrecondition("SCHEMA_LEAK", absl::StrCat("role ", schema.name, " can see schema ",
                                                                  foreign[0][0].c_str(), "; revoke that"));
  return absl::OkStatus();
}

}  // namespace

absl::Status Migrate(const std::string& admin_url, const Schema& schema,
                     const std::function<void(const std::string&)>& progress) {
  std::string at = schema.name;
  try {
    pqxx::connection connection(WithTimeouts(admin_url));
    pqxx::nontransaction(connection).exec("SET client_min_messages = warning");
    EnsureRole(connection, schema);
    std::vector<Migration> all = FoundationMigrations();
    all.insert(all.end(), schema.migrations.begin(), schema.migrations.end());
    for (const Migration& migration : all) {
      at = absl::StrCat(schema.name, ": ", migration.name);
      if (absl::Status status = Apply(connection, schema, migration, progress); !status.ok()) return status;
    }
    return Check(connection, schema, all.size());
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat(at, ": ", error.what()));
  }
}

}  // namespace crm::db
