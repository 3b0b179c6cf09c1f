#pragma once
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/domain/interaction.h"

namespace crm::customer {

struct LogInteraction {
  Interaction interaction;                  // what the caller may say of it
  std::optional<absl::Time> occurred_time;  // empty: now
};

// Append-only. Who spoke to a decision maker has met one. Replies with the Interaction. Items fail with
// CUSTOMER_NOT_FOUND or LEAD_NOT_FOUND (the subject), CONTACT_NOT_FOUND, EMPLOYEE_NOT_FOUND, INVALID_FIELDS
// (in the future).
std::vector<work::Outcome> LogInteractions(work::UnitOfWork& work,
                                           absl::Span<const work::Request<LogInteraction>> requests);

}  // namespace crm::customer
