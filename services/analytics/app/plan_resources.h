#pragma once
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/money.h"
#include "services/analytics/app/reports.h"
#include "services/analytics/domain/resource_plan.h"

namespace crm::analytics {

// What is known better than by history.
struct StageAssumption {
  std::optional<double> conversion, days;
  double effort_hours = 0;
};

struct PlanQuery {
  Money target;
  absl::CivilDay period_start, period_end;
  std::optional<Uuid> process_id;
  std::optional<std::int64_t> average_deal_minor, committed_minor;
  absl::CivilDay history_from;
  std::map<std::string, StageAssumption> stages;  // by key: "lead", "qualified", the process's
  double hours_per_person = 0, ramp = 1, people = 0;
  std::uint64_t seed = 1;
  int trials = 10000;
};

struct PlannedResources {
  Uuid process_id;
  PlanInputs inputs;
  ResourcePlan plan;
};

// Fills the plan's inputs from the rollups where the query leaves them open. NOT_FOUND (no such process),
// INVALID_ARGUMENT (an assumption about a stage the process has not), FAILED_PRECONDITION NOT_ENOUGH_HISTORY.
absl::StatusOr<PlannedResources> PlanResources(const ReportContext& context, const PlanQuery& query);

}  // namespace crm::analytics
