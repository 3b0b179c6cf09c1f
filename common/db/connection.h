#pragma once
#include <pqxx/pqxx>
#include <string>
#include <unordered_map>

#include "common/db/statement.h"
#include "common/telemetry/metrics.h"

namespace crm::db {

// One libpqxx connection with the statements it has prepared. Internal to common/db.
class Connection {
 public:
  // Throws pqxx::broken_connection.
  Connection(const std::string& url, const std::string& application);

  pqxx::result Execute(const std::string& sql);
  pqxx::result Execute(const Statement& statement, std::initializer_list<Param> params);

  // Ends what another thread is executing here. Throws pqxx::failure.
  void Cancel() { connection_.cancel_query(); }

 private:
  struct Prepared {
    prometheus::Histogram* seconds;
  };
  pqxx::connection connection_;
  pqxx::nontransaction session_;  // BEGIN and COMMIT are ours: see transaction.cc
  std::unordered_map<std::string, Prepared> prepared_;
};

}  // namespace crm::db
