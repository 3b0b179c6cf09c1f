#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/opportunity/domain/activity.h"

namespace crm::opportunity {

// Replies with the Activity. Items fail with ACTIVITY_NOT_FOUND, STALE_ETAG, and what Complete answers.
std::vector<work::Outcome> CompleteActivities(work::UnitOfWork& work,
                                              absl::Span<const work::Request<CompleteActivity>> requests);

}  // namespace crm::opportunity
