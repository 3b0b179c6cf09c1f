#pragma once
#include <variant>
#include <vector>

#include "services/analytics/domain/lead_fact.h"
#include "services/analytics/domain/opportunity_fact.h"
#include "services/analytics/domain/receivable.h"

namespace crm::analytics {

// A version of a sales process, with all its stages.
struct ProcessSeen {
  std::vector<Stage> stages;
};

// What an event is to analytics; monostate = nothing that is counted.
using Recorded =
    std::variant<std::monostate, OpportunitySeen, LeadSeen, ContractSeen, PaymentSeen, ProcessSeen>;

}  // namespace crm::analytics
