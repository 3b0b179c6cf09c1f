#pragma once
#include <functional>
#include <map>
#include <vector>

#include "services/customer/app/lead_jobs.h"
#include "services/customer/storage/assignment_store.h"
#include "services/customer/storage/workload_store.h"

namespace crm::customer {

// The leads that leave their owners in a batch, and what ends with that: the assignment and the owner's
// place, for which those who wait are tried again.
class FreedPlaces {
 public:
  template <class Item>
  void Add(const Item& item, const Uuid& lead_id, const Uuid& owner_id) {
    leads_.push_back(lead_id);
    if (owner_id.nil()) return;
    ++places_[owner_id];
    schedule_ = ScheduleBy(item);
  }

  // Two statements.
  void Save(db::Transaction& tx) {
    AssignmentStore(tx).End(leads_);
    WorkloadStore workload(tx);
    workload.Release(places_);
    if (workload.wanted()) schedule_(RetryWaitingJob(tx.now()));
  }

 private:
  std::vector<Uuid> leads_;
  std::map<Uuid, int> places_;  // by owner
  std::function<void(work::Job)> schedule_;
};

}  // namespace crm::customer
