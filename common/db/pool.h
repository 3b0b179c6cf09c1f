#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"

namespace crm::db {

class Connection;  // pqxx lives behind it

struct PoolOptions {
  std::string url;          // libpq connection string, opaque
  std::string application;  // shown in pg_stat_activity
  int size = 4;
};

// A fixed number of connections, opened on first use and reopened after they break. Thread safe.
class Pool {
 public:
  explicit Pool(PoolOptions options);
  ~Pool();

  int size() const;
  // Statements sent since the start, BEGIN and COMMIT included: each is one round trip.
  std::int64_t round_trips() const;

 private:
  friend class TransactionRunner;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace crm::db
