#pragma once
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/domain/lead.h"

namespace crm::customer {

struct AssignLead {
  Uuid lead_id;
};

// Lets the rules decide. The decision is kept; a lead for which nobody is eligible waits visibly and is tried
// again every minute. A lead that is closed, or unjudged and already somebody's, is left alone.
std::vector<work::Outcome> AssignLeads(work::UnitOfWork& work,
                                       absl::Span<const work::Request<AssignLead>> requests);

struct RetryWaitingLeads {
  std::string after;  // a position among those that wait; empty = from the longest
};

// Tries those that wait again, the longest first, some hundreds in one transaction; schedules itself for the
// rest. However many come in a set, they are one try. While such a round is under way another one has to wait
// for its end.
std::vector<work::Outcome> RetryWaiting(work::UnitOfWork& work,
                                        absl::Span<const work::Request<RetryWaitingLeads>> requests);

struct AssignLeadTo {
  Uuid id, employee_id;
  std::optional<std::int64_t> etag;
  std::string reason;  // kept with the decision
};

// Gives leads to persons, past the rules but never past their capacity, with the deadline that the rules
// would have set. Replies with the Lead. Items fail with LEAD_NOT_FOUND, STALE_ETAG, LEAD_NOT_OPEN,
// EMPLOYEE_NOT_FOUND, EMPLOYEE_NOT_ACTIVE, EMPLOYEE_AT_CAPACITY.
std::vector<work::Outcome> AssignLeadsTo(work::UnitOfWork& work,
                                         absl::Span<const work::Request<AssignLeadTo>> requests);

}  // namespace crm::customer
