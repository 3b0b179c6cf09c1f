#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/opportunity/domain/opportunity.h"

namespace crm::opportunity {

// Replies with the Opportunity. Items fail with OPPORTUNITY_NOT_FOUND, PRODUCT_NOT_FOUND, STALE_ETAG, and
// what Update answers. What changes nothing tells nothing.
std::vector<work::Outcome> UpdateOpportunities(work::UnitOfWork& work,
                                               absl::Span<const work::Request<UpdateOpportunity>> requests);

}  // namespace crm::opportunity
