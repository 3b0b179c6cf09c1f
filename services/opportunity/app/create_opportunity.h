#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/opportunity/clients/peers.h"
#include "services/opportunity/domain/opportunity.h"

namespace crm::opportunity {

// Opens opportunities. One whose id is given and exists already
// is answered as it is. Replies with the Opportunity. Items fail with CUSTOMER_NOT_FOUND, EMPLOYEE_NOT_FOUND,
// ORG_UNIT_NOT_FOUND, PRODUCT_NOT_FOUND, SALES_PROCESS_NOT_FOUND, OPPORTUNITY_ALREADY_EXISTS (the external
// id), and when the customer service cannot be asked.
std::vector<work::Outcome> CreateOpportunities(work::UnitOfWork& work, const Peers& peers,
                                               absl::Span<const work::Request<CreateOpportunity>> requests);

// The same for leads that were converted: nobody is there to correct a process key that there is not, so the
// opportunity starts on the standard process, and a log line says so.
std::vector<work::Outcome> OpenConvertedLeads(work::UnitOfWork& work, const Peers& peers,
                                              absl::Span<const work::Request<CreateOpportunity>> requests);

}  // namespace crm::opportunity
