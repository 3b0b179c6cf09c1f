#include "common/testing/database.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>

#include "common/db/migrate.h"

namespace crm::testing {
namespace {

using Settings = std::map<std::string, std::string>;

Settings ParseUrl(const std::string& url) {
  char* error = nullptr;
  PQconninfoOption* options = PQconninfoParse(url.c_str(), &error);
  if (options == nullptr) {
    const std::string reason = error != nullptr ? error : "out of memory";
    PQfreemem(error);
    throw std::runtime_error("test database: " + reason);
  }
  Settings settings;
  for (PQconninfoOption* option = options; option->keyword != nullptr; ++option)
    if (option->val != nullptr) settings[option->keyword] = option->val;
  PQconninfoFree(options);
  return settings;
}

std::string ToUrl(const Settings& settings) {
  std::string url;
  for (const auto& [keyword, value] : settings) {
    url += (url.empty() ? "" : " ") + keyword + "='";
    for (const char c : value) {
      if (c == '\'' || c == '\\') url += '\\';
      url += c;
    }
    url += '\'';
  }
  return url;
}

// The *.sql files of a folder in the repository, in the order of their names.
std::vector<db::Migration> ReadMigrations(const std::string& folder) {
  std::vector<db::Migration> migrations;
  for (const auto& file : std::filesystem::directory_iterator(std::string(GUANXI_SOURCE_DIR "/") + folder)) {
    if (file.path().extension() != ".sql") continue;
    std::ostringstream sql;
    sql << std::ifstream(file.path()).rdbuf();
    migrations.push_back({file.path().filename().string(), sql.str()});
  }
  std::sort(migrations.begin(), migrations.end(),
            [](const db::Migration& a, const db::Migration& b) { return a.name < b.name; });
  return migrations;
}

class BinaryDatabase {
 public:
  static BinaryDatabase& Get() {
    static BinaryDatabase database;
    return database;
  }

  const Settings& settings() const { return settings_; }

  // Creates the schema at its first use.
  void Prepare(const std::string& name, const std::string& migrations) {
    std::lock_guard lock(mutex_);
    if (!schemas_.insert(name).second) return;
    db::Schema schema{.name = name, .migrations = {}, .password = ""};
    if (!migrations.empty()) schema.migrations = ReadMigrations(migrations);
    const absl::Status status = db::Migrate(ToUrl(settings_), schema, [](const std::string&) {});
    if (!status.ok()) throw std::runtime_error("test database: " + std::string(status.message()));
  }

 private:
  BinaryDatabase() {
    const char* url = std::getenv("GUANXI_TEST_DATABASE_URL");
    if (url == nullptr || *url == '\0')
      throw std::runtime_error("GUANXI_TEST_DATABASE_URL is not set: run ./crm test");
    server_ = ParseUrl(url);
    const std::string name = "guanxi_test_" + std::to_string(getpid());
    RunSql(ToUrl(server_), "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    RunSql(ToUrl(server_), "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'");
    settings_ = server_;
    settings_["dbname"] = name;
  }
  ~BinaryDatabase() {
    try {
      RunSql(ToUrl(server_), "DROP DATABASE IF EXISTS " + settings_["dbname"] + " WITH (FORCE)");
    } catch (const std::exception&) {
      // The server may be gone already: it is the launcher's own and thrown away.
    }
  }

  std::mutex mutex_;
  Settings server_, settings_;
  std::set<std::string> schemas_;
};

}  // namespace

std::string AdminDatabaseUrl() { return ToUrl(BinaryDatabase::Get().settings()); }

std::string AsRole(const std::string& admin_url, const std::string& role) {
  Settings settings = ParseUrl(admin_url);
  settings["options"] += " -c role=" + role + " -c search_path=" + role;
  return ToUrl(settings);
}

std::vector<std::string> RunSql(const std::string& url, const std::string& sql) {
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK)
    throw std::runtime_error(std::string("test database: ") + PQerrorMessage(connection.get()));
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
    throw std::runtime_error(std::string("test database: ") + PQerrorMessage(connection.get()) +
                             "in: " + sql);
  std::vector<std::string> rows;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    std::string text;
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      if (column > 0) text += '|';
      text += PQgetisnull(result.get(), row, column) ? "NULL" : PQgetvalue(result.get(), row, column);
    }
    rows.push_back(std::move(text));
  }
  return rows;
}

TestSchema::TestSchema(std::string name, const std::string& migrations) : name_(std::move(name)) {
  BinaryDatabase& database = BinaryDatabase::Get();
  url_ = AsRole(AdminDatabaseUrl(), name_);
  Settings settings = database.settings();
  settings["options"] += " -c search_path=" + name_;
  admin_url_ = ToUrl(settings);
  database.Prepare(name_, migrations);
}

void TestSchema::Empty() {
  std::string tables;
  for (const std::string& table :
       Sql("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = '" + name_ + "'"))
    tables += (tables.empty() ? "" : ", ") + table;
  if (!tables.empty()) Sql("TRUNCATE " + tables + " CASCADE");
}

std::vector<std::string> TestSchema::Sql(const std::string& sql) { return RunSql(admin_url_, sql); }

}  // namespace crm::testing
