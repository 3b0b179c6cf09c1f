#pragma once
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace crm::db {

struct Migration {
  std::string name;  // "0001_foundation.sql"; they run in the order of their names
  std::string sql;   // plain SQL; names no schema
};

// The tables of common/db/migrations, first in every service's schema.
const std::vector<Migration>& FoundationMigrations();

struct Schema {
  std::string name;                   // schema and role: "guanxi_customer"
  std::vector<Migration> migrations;  // the service's own
  std::string password;               // of the role; empty: it keeps the one it has
};

// Brings one service's schema and role up to date, over a connection that may create roles. Each migration is
// one transaction under an advisory lock, recorded with its hash: running it twice, from two places at once,
// or after it was killed in the middle is safe. Afterwards it is checked that every migration is recorded and
// that the role sees this schema and no other service's. A migration edited after it ran is
// FAILED_PRECONDITION. `progress` gets a line per migration that ran.
absl::Status Migrate(const std::string& admin_url, const Schema& schema,
                     const std::function<void(const std::string&)>& progress);

}  // namespace crm::db
