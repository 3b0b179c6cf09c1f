#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/opportunity/clients/peers.h"
#include "services/opportunity/domain/activity.h"

namespace crm::opportunity {

// Replies with the Activity. Items fail with <SUBJECT>_NOT_FOUND, EMPLOYEE_NOT_FOUND, ORG_UNIT_NOT_FOUND, and
// when the service that knows cannot be asked.
std::vector<work::Outcome> ScheduleActivities(work::UnitOfWork& work, const Peers& peers,
                                              absl::Span<const work::Request<ScheduleActivity>> requests);

}  // namespace crm::opportunity
