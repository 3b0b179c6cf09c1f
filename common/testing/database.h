#pragma once
#include <string>
#include <vector>

namespace crm::testing {

// A schema and its role in this test binary's own database, which is created at first use on the server of
// GUANXI_TEST_DATABASE_URL and dropped when the binary ends. Without that variable, or when a migration
// fails, the constructor throws, which fails the test.
class TestSchema {
 public:
  // `name` is schema and role at once ("guanxi_customer"), made as guanxi-migrate makes them: first the
  // foundation, then the files of `migrations`, a folder in the repository. The second TestSchema of a name
  // in one binary shares the first one's tables.
  explicit TestSchema(std::string name, const std::string& migrations = "");

  // A libpq connection string with the rights of the role, which sees this schema only.
  const std::string& url() const { return url_; }

  // Deletes every row of every table.
  void Empty();

  // Runs SQL in this schema with the administrator's rights; answers as RunSql does.
  std::vector<std::string> Sql(const std::string& sql);

 private:
  const std::string name_;
  std::string url_, admin_url_;
};

// A connection string with the rights of the server's administrator in this binary's database.
std::string AdminDatabaseUrl();

// An administrator's connection string with the rights and the schema of one role only. No role logs in by
// itself: the server may ask for passwords, and roles belong to all of it, which other binaries use as well.
std::string AsRole(const std::string& admin_url, const std::string& role);

// Runs SQL over a connection of its own. Each row's columns are joined by '|', NULL is "NULL". Throws what
// the server says.
std::vector<std::string> RunSql(const std::string& url, const std::string& sql);

}  // namespace crm::testing
