#pragma once
#include <string>
#include <vector>

namespace crm::testing {

// A schema and its role in this test binary's own database, which is created at first use on the server of
// GUANXI_TEST_DATABASE_URL and dropped when the binary ends. Without that variable, or when a migration
// fails, the constructor throws, which fails the test.
class TestSchema {
 public:
  // `name` is schema and role at once ("guanxi_customer"). `migrations` are folders in the repository, run in
  // order; the second TestSchema of a name in one binary shares the first one's tables.
  explicit TestSchema(std::string name, std::vector<std::string> migrations = {"common/db/migrations"});

  // A libpq connection string with the rights of the role, which sees this schema only.
  const std::string& url() const { return url_; }

  // Deletes every row of every table.
  void Empty();

  // Runs SQL with the rights of the role. Each row's columns are joined by '|', NULL is "NULL".
  std::vector<std::string> Sql(const std::string& sql);

 private:
  const std::string name_;
  std::string url_;
};

// The rights of the server's administrator in this binary's database.
std::string AdminDatabaseUrl();

}  // namespace crm::testing
