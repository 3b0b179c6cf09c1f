#pragma once
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "common/status/errors.h"
#include "services/opportunity/domain/import_row.h"

// From what files say of opportunities to what happened. Pure. History skips gates.
namespace crm::opportunity {

struct Happening {
  std::variant<OpportunityCreated, OpportunityUpdated, OpportunityAmountChanged, OpportunityStageMoved,
               OpportunityWon, OpportunityLost>
      event;
  absl::Time time;
};

// How an opportunity came to stand as it is `told`: it began open, and was closed when it really was.
std::vector<Happening> Begin(const Opportunity& told, const SalesProcess& process);

// How one that is known comes to stand as `row` says, told by the import `import_id`. What the row leaves
// empty stays, and so does what WhatStays names. Nothing happens when it stands there already.
// INVALID_ARGUMENT otherwise: ALREADY_CLOSED, NOT_IMPORTED (it is worked on here), UNKNOWN_STAGE of
// `process`, which is its own, CLOSE_BEFORE_OPEN.
absl::StatusOr<std::vector<Happening>> GoOn(const Opportunity& known, const Interpretation& row,
                                            const SalesProcess& process, const Uuid& import_id,
                                            absl::Time now);

// What a row says otherwise, and that stays as it is known nevertheless: OWNER_STAYS, CUSTOMER_STAYS,
// LEAD_STAYS.
std::vector<errors::Violation> WhatStays(const Opportunity& known, const Interpretation& row);

}  // namespace crm::opportunity
