#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "services/analytics/domain/estimate.h"

// The customer resource plan (客户资源计划): from a target revenue back to how many leads, judged leads and
// opportunities it takes, by when, with how many people, and how probable it is. Pure.
namespace crm::analytics {

enum class Department { kAcquire, kNurture, kPursue };  // leads, judged leads, opportunities

struct PlanStage {
  std::string key{}, name{};
  Department department = Department::kPursue;
  Rate conversion{};        // to the next stage; of the last one: to won
  double median_days = 0;   // in this stage
  double effort_hours = 0;  // of one item in this stage
  std::int64_t stock = 0;   // in it today
};

// Open opportunities of one stage and about one size.
struct PipelineBand {
  int stage = 0;  // index into PlanInputs::stages
  std::int64_t count = 0;
  double mean_amount_minor = 0;
};

struct PlanInputs {
  double target_minor = 0, committed_minor = 0;  // T, and what of it is won already
  double average_deal_minor = 0;                 // S
  std::vector<PlanStage> stages;                 // lead, qualified, the process's; won comes after the last
  absl::CivilDay today, period_end;
  double hours_per_person = 0;  // working hours of one person in the period
  double ramp = 1;              // share of them that is productive, 0 < ramp ≤ 1
  double people = 0;            // today
  std::vector<PipelineBand> pipeline;
  std::uint64_t seed = 1;
  int trials = 10000;  // ≥ 1; fewer are made where the pipeline is so varied that they would take too long
};

struct StageNeed {
  double needed = 0, low = 0, high = 0;  // N_i = W ÷ (c_i · … · c_last)
  double gap = 0;                        // needed - stock; negative: more than needed
  absl::CivilDay ready_by;               // period end minus the median days from here to won
  double hours = 0, head_count = 0;
};

struct DepartmentNeed {
  Department department = Department::kAcquire;
  double gap = 0, hours = 0, head_count = 0;
};

struct ResourcePlan {
  double needed_wins = 0;  // W = (T - committed) ÷ S, not below 0
  std::vector<StageNeed> stages;
  std::vector<DepartmentNeed> departments;
  double head_count = 0;    // Σ N_i · e_i ÷ (hours · ramp)
  double staffing_gap = 0;  // head_count - people
  // Of meeting T with today's open opportunities that can still be won by the period's end, and its standard
  // error.
  double probability = 0, probability_error = 0;
};

// FAILED_PRECONDITION NOT_ENOUGH_HISTORY names every stage whose conversion is unknown or 0, and
// "average_deal" when that is: the caller gives them.
absl::StatusOr<ResourcePlan> MakePlan(const PlanInputs& inputs);

// Same seed, same answer. Each trial draws the chance of each stage from what history leaves open (Jeffreys:
// Beta of hits + ½ and misses + ½; a given rate is taken as it is), then how many of each band are won.
double ProbabilityOfTarget(const PlanInputs& inputs, const std::vector<Rate>& to_won,
                           const std::vector<bool>& in_time);

}  // namespace crm::analytics
