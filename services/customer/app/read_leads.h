#pragma once
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/work/batch.h"
#include "services/customer/storage/assignment_store.h"
#include "services/customer/storage/lead_finder.h"

namespace crm::customer {

struct GetLead {
  Uuid id;
};
// One statement for all. LEAD_NOT_FOUND, also when out of the caller's sight.
std::vector<absl::StatusOr<Lead>> GetLeads(db::Pool& pool, absl::Span<const work::Request<GetLead>> requests);

struct ListLeads {
  LeadFilter filter;
  Uuid before;  // the last of the page before; nil: from the newest
  int limit = 0;
};
// Newest first; only what the caller sees.
absl::StatusOr<std::vector<Lead>> LeadsLike(db::Pool& pool, const work::Request<ListLeads>& request);

struct BatchGetLeads {
  std::vector<Uuid> ids;
  std::vector<std::string> external_ids{};
};
// In no order, each once; what is unknown or out of sight is left out.
absl::StatusOr<std::vector<Lead>> LeadsNamed(db::Pool& pool, const work::Request<BatchGetLeads>& request);

// The latest decision on a lead. LEAD_NOT_FOUND, ASSIGNMENT_DECISION_NOT_FOUND.
absl::StatusOr<StoredDecision> LatestDecision(db::Pool& pool, const work::Request<GetLead>& request);

struct ListAssignmentRules {
  std::optional<Uuid> org_unit_id;
  int after_position = std::numeric_limits<int>::min();
  Uuid after_id;
  int limit = 0;
};
absl::StatusOr<std::vector<AssignmentRule>> RulesOf(db::Pool& pool,
                                                    const work::Request<ListAssignmentRules>& request);

}  // namespace crm::customer
