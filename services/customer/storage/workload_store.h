#pragma once
#include <map>
#include <vector>

#include "common/db/transaction.h"
#include "services/customer/domain/assignment.h"

namespace crm::customer {

// How many open leads each employee carries: a guarded counter in one row per employee, which the database
// too keeps within what the capacity was. Not thread safe.
class WorkloadStore {
 public:
  explicit WorkloadStore(db::Transaction& tx) : tx_(tx) {}

  // Everybody who has not left, and of those who have these. One statement.
  Roster LoadRoster(const std::vector<Uuid>& also_terminated);

  // Writes what Take and Release have changed, one statement. False when an employee was given a lead, left,
  // or filled up meanwhile.
  bool Save(const Roster& roster);

  // Gives places back: leads that left, by their owner. One statement; commutes with everything.
  void Release(const std::map<Uuid, int>& left_by_owner);

  // Whether leads waited when the last Save or Release gave places back.
  bool wanted() const { return wanted_; }

 private:
  db::Transaction& tx_;
  bool wanted_ = false;
};

}  // namespace crm::customer
