#include "services/customer/domain/interaction.h"

#include "common/status/errors.h"

namespace crm::customer {

absl::Status HasHappened(absl::Time occurred_time, absl::Time now) {
  errors::Violations violations;
  if (occurred_time > now + absl::Minutes(5))
    violations.Add("interaction.occurred_time", "IN_FUTURE",
                   "an interaction is logged when it has happened; schedule an activity for what is to come");
  return violations.ToStatus();
}

}  // namespace crm::customer
