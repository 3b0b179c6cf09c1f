#pragma once
#include <map>
#include <vector>

#include "services/customer/app/lead_jobs.h"
#include "services/customer/storage/assignment_store.h"
#include "services/customer/storage/workload_store.h"

namespace crm::customer {

// The leads that a batch closes, and what ends with them: the assignment, its deadline, the owner's place.
class ClosedLeads {
 public:
  template <class Item>
  void Add(Item& item, const Lead& lead, absl::Time now) {
    CancelFollowUp(item, lead);
    ids_.push_back(lead.id);
    if (lead.owner_id.nil()) return;
    ++places_[lead.owner_id];
    item.Schedule(RetryWaitingJob(now));
  }

  void Save(db::Transaction& tx) {
    if (!ids_.empty()) AssignmentStore(tx).End(ids_);
    if (!places_.empty()) WorkloadStore(tx).Release(places_);
  }

 private:
  std::vector<Uuid> ids_;
  std::map<Uuid, int> places_;  // by owner
};

}  // namespace crm::customer
