#pragma once
#include <pqxx/pqxx>

#include "common/db/statement.h"
#include "common/db/transaction.h"

namespace crm::db {

// Internal to common/db: keeps pqxx out of statement.h.
struct Rows::Result {
  pqxx::result rows;
};

}  // namespace crm::db
