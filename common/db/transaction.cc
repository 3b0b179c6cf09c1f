#include "common/db/transaction.h"

#include <condition_variable>
#include <mutex>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/jitter.h"
#include "common/db/cancel.h"
#include "common/db/connection.h"
#include "common/db/rows.h"
#include "common/status/errors.h"
#include "common/telemetry/log.h"

namespace crm::db {
namespace {

constexpr absl::Duration kLongestTransaction = absl::Seconds(5);

constexpr char kCancelled[] = "57014";

void Translate(const std::function<void()>& body) {
  try {
    body();
  } catch (const pqxx::broken_connection& broken) {
    throw Error("", broken.what());
  } catch (const pqxx::sql_error& refused) {
    throw Error(refused.sqlstate().empty() ? "XX000" : refused.sqlstate(), refused.what());
  } catch (const pqxx::failure& failure) {
    throw Error("XX000", failure.what());
  }
}

}  // namespace

bool Error::unavailable() const {
  return sqlstate_.empty() || sqlstate_.starts_with("08") || sqlstate_.starts_with("53") ||
         (sqlstate_.starts_with("57") && sqlstate_ != kCancelled);
}

absl::Status Error::ToStatus() const {
  if (sqlstate_ == "23505")
    return errors::Make(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                        "a record with the same key already exists");
  if (sqlstate_ == "23503" || sqlstate_ == "23514")
    return errors::FailedPrecondition("CONSTRAINT",
                                      "this would break a rule between records; read them again");
  if (sqlstate_.starts_with("22"))
    return errors::Make(absl::StatusCode::kInvalidArgument, "VALUE_OUT_OF_RANGE",
                        "a value is outside what can be stored");
  if (sqlstate_ == kCancelled) return errors::DeadlineExceeded();
  if (retryable())
    return errors::Make(absl::StatusCode::kAborted, "CONTENTION", "too much is changing at once; repeat");
  if (unavailable()) {
    LogWarn("database unavailable: ", what());
    return errors::Unavailable("DATABASE_UNAVAILABLE",
                               "the database does not answer; try again after the delay given");
  }
  return errors::Internal(absl::StrCat("SQLSTATE ", sqlstate_, ": ", what()));
}

struct Pool::State {
  PoolOptions options;
  std::atomic<std::int64_t> round_trips{0};
  std::mutex mutex;
  std::condition_variable returned;
  std::vector<std::unique_ptr<Connection>> idle;
  int out = 0;
};

Pool::Pool(PoolOptions options) : state_(std::make_unique<State>()) { state_->options = std::move(options); }
Pool::~Pool() = default;
int Pool::size() const { return state_->options.size; }
std::int64_t Pool::round_trips() const { return state_->round_trips; }

// Lends a connection of the pool, counts what is sent over it, and throws it away when it broke.
class TransactionRunner {
 public:
  TransactionRunner(Pool& pool, absl::Time deadline)
      : pool_(*pool.state_), deadline_(std::min(deadline, absl::Now() + kLongestTransaction)) {
    std::unique_lock lock(pool_.mutex);
    if (!pool_.returned.wait_until(lock, absl::ToChronoTime(deadline_),
                                   [&] { return pool_.out < pool_.options.size; }))
      throw Error(kCancelled, "no connection became free before the deadline");
    ++pool_.out;
    if (!pool_.idle.empty()) {
      connection_ = std::move(pool_.idle.back());
      pool_.idle.pop_back();
      return;
    }
    lock.unlock();
    try {
      Connect();
    } catch (...) {
      Return();
      throw;
    }
  }
  ~TransactionRunner() { Return(); }

  void Run(const std::function<bool(Transaction&)>& script) {
    const auto left = absl::ToInt64Milliseconds(deadline_ - absl::Now());
    if (left <= 0) throw Error(kCancelled, "the deadline has passed");
    Guarded([&] {
      const std::string begin =
          absl::StrCat("BEGIN; SET LOCAL statement_timeout = ", left, "; SELECT clock_timestamp()");
      pqxx::result clock;
      try {
        clock = Send(begin);
      } catch (const Error& error) {
        if (!error.unavailable()) throw;
        // A connection that idled while the server restarted: nothing has been sent over it yet.
        Connect();
        clock = Send(begin);
      }
      Rows rows(std::make_shared<const Rows::Result>(Rows::Result{clock}));
      Transaction transaction(*connection_, rows[0].Next<absl::Time>());
      transaction.round_trips_ = &pool_.round_trips;
      transaction.deadline_ = deadline_;
      if (script(transaction)) {
        Send("COMMIT");
      } else {
        Send("ROLLBACK");
      }
    });
  }

  void RunStatements(const std::function<void(Transaction&)>& script) {
    Cancellation* const cancellation = Cancellation::Current();
    bool hit = false;
    const absl::Cleanup discard = [&] {
      if (hit) connection_.reset();
    };
    Guarded([&] {
      const absl::Cleanup detach = [&] { hit = cancellation != nullptr && !cancellation->Detach(); };
      if (cancellation != nullptr && !cancellation->Attach(*connection_))
        throw Error(kCancelled, "the caller has left");
      Transaction transaction(*connection_, absl::Now());
      transaction.round_trips_ = &pool_.round_trips;
      transaction.deadline_ = deadline_;
      script(transaction);
    });
  }

 private:
  void Connect() {
    connection_.reset();
    Translate(
        [&] { connection_ = std::make_unique<Connection>(pool_.options.url, pool_.options.application); });
  }

  pqxx::result Send(const std::string& sql) {
    pqxx::result result;
    ++pool_.round_trips;
    Translate([&] { result = connection_->Execute(sql); });
    return result;
  }

  void Guarded(const std::function<void()>& body) {
    try {
      body();
    } catch (const Error& error) {
      if (error.unavailable()) connection_.reset();
      RollBack();
      throw;
    } catch (...) {
      RollBack();
      throw;
    }
  }

  void RollBack() {
    if (connection_ == nullptr) return;
    try {
      Send("ROLLBACK");  // a warning outside a transaction, nothing worse
    } catch (const Error&) {
      connection_.reset();
    }
  }

  void Return() {
    std::lock_guard lock(pool_.mutex);
    --pool_.out;
    if (connection_ != nullptr) pool_.idle.push_back(std::move(connection_));
    pool_.returned.notify_one();
  }

  Pool::State& pool_;
  const absl::Time deadline_;
  std::unique_ptr<Connection> connection_;
};

Rows Transaction::Query(const Statement& statement, std::initializer_list<Param> params) {
  if (absl::Now() >= deadline_) throw Error(kCancelled, "the deadline has passed");
  pqxx::result result;
  ++*round_trips_;
  Translate([&] { result = connection_.Execute(statement, params); });
  return Rows(std::make_shared<const Rows::Result>(Rows::Result{result}));
}

absl::Status RunTransaction(Pool& pool, absl::Time deadline,
                            const std::function<absl::Status(Transaction&)>& script) {
  for (int attempt = 1;; ++attempt) {
    try {
      absl::Status status;
      TransactionRunner(pool, deadline).Run([&](Transaction& tx) { return (status = script(tx)).ok(); });
      return status;
    } catch (const Error& error) {
      if (!error.retryable() || absl::Now() >= deadline) return error.ToStatus();
      SleepJitter(attempt);
    } catch (const std::exception& bug) {
      return errors::Internal(bug.what());
    }
  }
}

void RunTransactionOnce(Pool& pool, absl::Time deadline, const std::function<bool(Transaction&)>& script) {
  TransactionRunner(pool, deadline).Run(script);
}

absl::Status RunStatements(Pool& pool, absl::Time deadline,
                           const std::function<absl::Status(Transaction&)>& script) {
  const Cancellation* const cancellation = Cancellation::Current();
  const auto left = [&] { return cancellation != nullptr && cancellation->cancelled(); };
  // An idle connection may have died with the server since its last use; what may be repeated is asked again.
  for (int attempt = 1;; ++attempt) {
    if (left()) return errors::Cancelled();
    try {
      absl::Status status;
      TransactionRunner(pool, deadline).RunStatements([&](Transaction& tx) { status = script(tx); });
      return status;
    } catch (const Error& error) {
      if (left()) return errors::Cancelled();
      if (!error.sqlstate().empty() || attempt > pool.size() || absl::Now() >= deadline)
        return error.ToStatus();
    } catch (const std::exception& bug) {
      return errors::Internal(bug.what());
    }
  }
}

}  // namespace crm::db
