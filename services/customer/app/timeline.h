#pragma once
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/pool.h"
#include "common/work/batch.h"
#include "services/customer/storage/timeline_store.h"

namespace crm::customer {

// Something that happened with a customer.
using TimelineEntry = std::variant<Interaction, LifecycleMove>;
TimelinePosition PositionOf(const TimelineEntry& entry);

struct ListTimeline {
  Uuid customer_id;
  TimelinePosition after;  // of the last of the page before
  int limit = 0;
};

// Latest first: touchpoints with the customer and with the leads it came from, and its lifecycle.
// CUSTOMER_NOT_FOUND.
absl::StatusOr<std::vector<TimelineEntry>> TimelineOf(db::Pool& pool,
                                                      const work::Request<ListTimeline>& request);

struct ListLifecycleMoves {
  Uuid customer_id;
  Uuid after;  // the last of the page before; nil: from the first
  int limit = 0;
};

// Oldest first. CUSTOMER_NOT_FOUND.
absl::StatusOr<std::vector<LifecycleMove>> MovesOf(db::Pool& pool,
                                                   const work::Request<ListLifecycleMoves>& request);

}  // namespace crm::customer
