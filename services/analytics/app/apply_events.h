#pragma once
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/analytics/domain/recorded.h"

namespace crm::analytics {

// Brings the projections up to date with a set of mixed events of any source: facts and rollups change in the
// transaction of the inbox rows, with a number of statements that does not grow with the set. Events of one
// aggregate come in their order. Days are days in `zone`.
std::vector<work::Outcome> ApplyEvents(work::UnitOfWork& work,
                                       absl::Span<const work::Request<Recorded>> requests,
                                       const absl::TimeZone& zone);

}  // namespace crm::analytics
