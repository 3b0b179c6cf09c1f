#pragma once
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/db/pool.h"
#include "common/db/statement.h"

namespace crm::db {

// What the database refused, judged by SQLSTATE alone. Thrown by Transaction::Query and caught in one place
// only, the runner below: nothing between the two can do anything about it (ADR 0003).
class Error : public std::runtime_error {
 public:
  Error(std::string sqlstate, const std::string& what)
      : std::runtime_error(what), sqlstate_(std::move(sqlstate)) {}
  const std::string& sqlstate() const { return sqlstate_; }

  bool retryable() const { return sqlstate_ == "40001" || sqlstate_ == "40P01"; }
  // The data of one command is at fault (classes 22 and 23).
  bool data_fault() const { return sqlstate_.starts_with("22") || sqlstate_.starts_with("23"); }
  // The whole database is unavailable or overloaded (classes 08, 53, 57; "" = the connection broke).
  bool unavailable() const;
  // 23505 ALREADY_EXISTS, 23503/23514 FAILED_PRECONDITION, 22 INVALID_ARGUMENT, 57014 DEADLINE_EXCEEDED,
  // unavailable UNAVAILABLE; anything else INTERNAL with an id in the log and no SQL in the message.
  absl::Status ToStatus() const;

 private:
  std::string sqlstate_;
};

// One open transaction. Not thread safe.
class Transaction {
 public:
  // The database's clock, read once when the transaction was opened; microseconds.
  absl::Time now() const { return now_; }

  // Prepares the statement on first use of the connection. One round trip. Throws Error.
  Rows Query(const Statement& statement, std::initializer_list<Param> params = {});

  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

 private:
  friend class TransactionRunner;
  Transaction(Connection& connection, absl::Time now) : connection_(connection), now_(now) {}
  Connection& connection_;
  absl::Time now_;
  absl::Time deadline_;
  std::atomic<std::int64_t>* round_trips_ = nullptr;
};

// Opens a transaction (BEGIN, statement_timeout until `deadline`, clock_timestamp(): one round trip), calls
// `script`, commits when it answers OK and rolls back otherwise. 40001 and 40P01 run the script again with
// jitter until the deadline. Answers the script's status, or what the database refused. A commit whose answer
// was lost is UNAVAILABLE: the caller repeats it under the same request_id.
absl::Status RunTransaction(Pool& pool, absl::Time deadline,
                            const std::function<absl::Status(Transaction&)>& script);

// Like RunTransaction, but throws Error and never retries: for UnitOfWork, which decides itself what to
// rerun. Rolls back when the script answers false or throws.
void RunTransactionOnce(Pool& pool, absl::Time deadline, const std::function<bool(Transaction&)>& script);

// Single statements outside a transaction: one round trip each, every statement sees the latest commit. They
// may run twice, when a connection breaks: reads, and writes that may be repeated. now() is the process's
// clock, not the database's.
absl::Status RunStatements(Pool& pool, absl::Time deadline,
                           const std::function<absl::Status(Transaction&)>& script);

}  // namespace crm::db
