#pragma once
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/domain/assignment.h"

namespace crm::customer {

struct CreateAssignmentRule {
  AssignmentRule rule;  // without id and times; a nil org unit is the caller's
};

struct UpdateAssignmentRule {
  Uuid id;
  std::optional<std::int64_t> etag;
  AssignmentRule rule;              // the new values of `fields`
  std::vector<std::string> fields;  // of the API
};

// Adds a rule, or makes its next version; leads that wait are tried again. Replies with the AssignmentRule.
// Items fail with ASSIGNMENT_RULE_NOT_FOUND, STALE_ETAG, ORG_UNIT_NOT_FOUND, EMPLOYEE_NOT_FOUND.
std::vector<work::Outcome> CreateAssignmentRules(
    work::UnitOfWork& work, absl::Span<const work::Request<CreateAssignmentRule>> requests);
std::vector<work::Outcome> UpdateAssignmentRules(
    work::UnitOfWork& work, absl::Span<const work::Request<UpdateAssignmentRule>> requests);

}  // namespace crm::customer
