#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/clients/follow_up_plans.h"
#include "services/customer/domain/follow_up.h"

namespace crm::customer {

struct TakeFollowUpStep {
  Uuid lead_id;
  FollowUpDue due;
};

// A step of a follow-up deadline is due: reminds the owner, counts the miss and tells the manager, or takes
// the lead back and has it assigned anew. Nothing happens when a plan has come or the assignment has changed.
// Before a miss is counted, and before a lead is taken back, `find_plans` (may be empty) is asked for plans
// whose events have not come yet; items that it cannot answer fail with FOLLOW_UP_PLANS_UNKNOWN
// (UNAVAILABLE).
std::vector<work::Outcome> TakeFollowUpSteps(work::UnitOfWork& work, const FindPlans& find_plans,
                                             absl::Span<const work::Request<TakeFollowUpStep>> requests);

struct PlanFollowUp {
  Uuid lead_id;
  FollowUpPlan plan;
};

// Somebody has planned. If it is the owner: the remaining steps are off, an assigned lead is being worked,
// and when the plan was recorded decides whether a miss counts, whichever was heard of first. Leads that do
// not exist are passed over.
std::vector<work::Outcome> PlanFollowUps(work::UnitOfWork& work,
                                         absl::Span<const work::Request<PlanFollowUp>> requests);

}  // namespace crm::customer
