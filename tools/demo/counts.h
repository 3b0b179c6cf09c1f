#pragma once
#include <cstdint>
#include <string>

namespace crm::demo {

// What the databases hold of one import and of everything that came of it.
struct Counts {
  std::int64_t read = 0, imported = 0, rejected = 0, duplicates = 0, assigned = 0, waiting = 0;
  std::int64_t opportunities = 0, won = 0, lost_opportunities = 0;
  std::int64_t active_contracts = 0;
  std::int64_t instalments = 0, paid = 0,
               overdue = 0;  // of contracts in force; overdue: due before today and not paid
  std::int64_t lost = 0;     // open leads without owner and not waiting, conversions without opportunity,
                             // accepted quotes without contract
  std::int64_t doubled = 0;  // second owners, second opportunities of a lead, second contracts of a quote

  std::string ToJson() const;  // one line
};

// Reads all of it with one read-only connection per call. `database_url` is an administrator's. Throws when
// the database cannot be read.
class Database {
 public:
  explicit Database(std::string url) : url_(std::move(url)) {}

  Counts Count(const std::string& import_id) const;
  // Rows read by the import that began last; 0 before there is one.
  std::int64_t RowsReadByLatestImport() const;

 private:
  const std::string url_;
};

}  // namespace crm::demo
