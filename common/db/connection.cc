#include "common/db/connection.h"

#include "common/db/statement.h"
#include "common/db/timeouts.h"

namespace crm::db {

Connection::Connection(const std::string& url, const std::string& application)
    : connection_(WithTimeouts(url)), session_(connection_) {
  // A broken connection is thrown away with its prepared statements; silent reconnecting would lose them and,
  // worse, a transaction.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // silent reconnecting goes away in libpqxx 7
  connection_.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  session_.exec("SET timezone = 'UTC'; SET statement_timeout = '5s'; SET application_name = " +
                session_.quote(application));
}

pqxx::result Connection::Execute(const std::string& sql) { return session_.exec(sql); }

pqxx::result Connection::Execute(const Statement& statement, const std::vector<const char*>& params) {
  auto found = prepared_.find(statement.name);
  if (found == prepared_.end()) {
    connection_.prepare(statement.name, statement.sql);
    auto& seconds = metrics::Latency("crm_db_statement_seconds", "Time of a SQL statement, by its name",
                                     {{"statement", statement.name}});
    found = prepared_.emplace(statement.name, Prepared{&seconds}).first;
  }
  const auto begin = std::chrono::steady_clock::now();
  pqxx::result result = session_.exec_prepared(
      statement.name, pqxx::prepare::make_dynamic_params(params.begin(), params.end()));
  found->second.seconds->Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  return result;
}

}  // namespace crm::db
