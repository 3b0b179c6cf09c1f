#pragma once
#include <map>

#include "common/db/transaction.h"
#include "services/customer/domain/assignment.h"

namespace crm::customer {

// How many open leads each employee carries: a guarded counter in one row per employee, which the database
// too keeps within what the capacity was. Not thread safe.
class WorkloadStore {
 public:
  explicit WorkloadStore(db::Transaction& tx) : tx_(tx) {}

  // Everybody, terminated people included. One statement.
  Roster LoadRoster();

  // Writes what Take and Release have changed, one statement. False when an employee was given a lead, left,
  // or filled up meanwhile.
  bool Save(const Roster& roster);

  // Gives places back: leads that closed, by their owner. One statement; commutes with everything.
  void Release(const std::map<Uuid, int>& closed_by_owner);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::customer
