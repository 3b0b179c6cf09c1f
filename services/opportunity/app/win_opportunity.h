#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/opportunity/domain/opportunity.h"

namespace crm::opportunity {

// Replies with the Opportunity. Items fail with OPPORTUNITY_NOT_FOUND, STALE_ETAG, and what Win answers.
std::vector<work::Outcome> WinOpportunities(work::UnitOfWork& work,
                                            absl::Span<const work::Request<WinOpportunity>> requests);

}  // namespace crm::opportunity
