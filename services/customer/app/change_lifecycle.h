#pragma once
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/domain/customer_lifecycle.h"

namespace crm::customer {

// A manager's word against what has happened; the reason is kept with the move.
struct OverrideLifecycle {
  Uuid customer_id;
  std::optional<std::int64_t> etag;
  Lifecycle to = Lifecycle::kUnidentified;
  std::string reason;
};

// Replies with the Customer. Items fail with CUSTOMER_NOT_FOUND, STALE_ETAG, ILLEGAL_STATE_MOVE.
std::vector<work::Outcome> OverrideLifecycles(work::UnitOfWork& work,
                                              absl::Span<const work::Request<OverrideLifecycle>> requests);

// What another service's event says of a customer.
struct RecordCustomerFact {
  Uuid customer_id;
  LifecycleCause fact = LifecycleCause::kContractActivated;
  Uuid cause_id;  // the contract
};

// Moves each customer to where the fact takes it; facts about customers that are not ours, or that move
// nobody, are heard and change nothing.
std::vector<work::Outcome> RecordCustomerFacts(work::UnitOfWork& work,
                                               absl::Span<const work::Request<RecordCustomerFact>> requests);

}  // namespace crm::customer
