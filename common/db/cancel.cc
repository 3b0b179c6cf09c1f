#include "common/db/cancel.h"

#include "common/db/connection.h"
#include "common/telemetry/log.h"

namespace crm::db {
namespace {
thread_local Cancellation* current = nullptr;
}  // namespace

Cancellation::Scope::Scope(Cancellation& cancellation) : outer_(std::exchange(current, &cancellation)) {}
Cancellation::Scope::~Scope() { current = outer_; }

Cancellation* Cancellation::Current() { return current; }

void Cancellation::Cancel() {
  // The lock is held while PostgreSQL is told: the connection must not go on to somebody else's statement.
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (running_ == nullptr) return;
  hit_ = true;
  try {
    running_->Cancel();
  } catch (const std::exception& error) {
    LogWarn("a statement could not be cancelled and runs to its timeout: ", error.what());
  }
}

bool Cancellation::cancelled() const {
  std::lock_guard lock(mutex_);
  return cancelled_;
}

bool Cancellation::Attach(Connection& connection) {
  std::lock_guard lock(mutex_);
  hit_ = false;
  if (cancelled_) return false;
  running_ = &connection;
  return true;
}

bool Cancellation::Detach() {
  std::lock_guard lock(mutex_);
  running_ = nullptr;
  return !hit_;
}

}  // namespace crm::db
