#pragma once
#include <mutex>

namespace crm::db {

class Connection;

// Lets one thread end what another one reads, in PostgreSQL too: for a list or report whose caller has left.
// Only RunStatements listens; a transaction goes on to its own end. Thread safe.
class Cancellation {
 public:
  // Ends the statement that is running, and every later one, with CANCELLED. May take a round trip.
  void Cancel();
  bool cancelled() const;

  // That of the Scope this thread is in, or null.
  static Cancellation* Current();

  // While it lives, RunStatements of this thread can be ended through `cancellation`.
  class Scope {
   public:
    explicit Scope(Cancellation& cancellation);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Cancellation* const outer_;
  };

 private:
  friend class TransactionRunner;
  // False when there is nothing left to run for.
  bool Attach(Connection& connection);
  // False when the connection may still be hit by the cancelling: throw it away.
  bool Detach();

  mutable std::mutex mutex_;
  bool cancelled_ = false, hit_ = false;  // the latter: what ran then
  Connection* running_ = nullptr;
};

}  // namespace crm::db
