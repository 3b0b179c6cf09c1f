#include "services/analytics/domain/resource_plan.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "absl/strings/str_join.h"
#include "common/status/errors.h"

namespace crm::analytics {
namespace {

// Each takes a fraction of a microsecond, so that all trials together stay well below a second.
constexpr std::size_t kMaxDraws = 500'000;

int TrialsOf(const PlanInputs& inputs) {
  const std::size_t draws = 1 + inputs.stages.size() + inputs.pipeline.size();
  return std::clamp(static_cast<int>(kMaxDraws / draws), 1, inputs.trials);
}

// conversion of stage i times that of all later ones: the chance of ever being won. Counts of one cohort
// telescope, so where every factor was counted on the one before, the interval is that of the whole way at
// once.
std::vector<Rate> ChancesToWin(const std::vector<PlanStage>& stages) {
  std::vector<Rate> chances(stages.size());
  for (std::size_t i = stages.size(); i-- > 0;) {
    const Rate& here = stages[i].conversion;
    if (i + 1 == stages.size()) {
      chances[i] = here;
    } else if (here.trials > 0 && chances[i + 1].trials > 0 && here.hits == chances[i + 1].trials) {
      chances[i] = WilsonRate(chances[i + 1].hits, here.trials);
    } else {
      chances[i] = Product(here, chances[i + 1]);
    }
  }
  return chances;
}

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : engine_(seed) {}

  double Chance(const Rate& rate) {
    if (rate.trials == 0) return rate.estimate;
    const double a = Gamma(static_cast<double>(rate.hits) + 0.5);
    const double b = Gamma(static_cast<double>(rate.trials - rate.hits) + 0.5);
    return a / (a + b);
  }
  std::int64_t Wins(std::int64_t count, double chance) {
    return std::binomial_distribution<std::int64_t>(count, std::clamp(chance, 0.0, 1.0))(engine_);
  }

 private:
  double Gamma(double shape) { return std::gamma_distribution<double>(shape, 1)(engine_); }
  std::mt19937_64 engine_;
};

}  // namespace

double ProbabilityOfTarget(const PlanInputs& inputs, const std::vector<Rate>& to_won,
                           const std::vector<bool>& in_time) {
  if (inputs.committed_minor >= inputs.target_minor) return 1;
  Draws draws(inputs.seed);
  const int trials = TrialsOf(inputs);
  int met = 0;
  std::vector<double> chances(to_won.size());
  for (int trial = 0; trial < trials; ++trial) {
    for (std::size_t i = 0; i < to_won.size(); ++i) chances[i] = draws.Chance(to_won[i]);
    double revenue = inputs.committed_minor;
    for (const PipelineBand& band : inputs.pipeline) {
      const auto stage = static_cast<std::size_t>(band.stage);
      if (in_time[stage])
        revenue += static_cast<double>(draws.Wins(band.count, chances[stage])) * band.mean_amount_minor;
    }
    if (revenue >= inputs.target_minor) ++met;
  }
  return static_cast<double>(met) / trials;
}

absl::StatusOr<ResourcePlan> MakePlan(const PlanInputs& inputs) {
  std::vector<std::string> unknown;
  if (inputs.average_deal_minor <= 0) unknown.push_back("average_deal");
  for (const PlanStage& stage : inputs.stages)
    if (stage.conversion.estimate <= 0) unknown.push_back(stage.key);
  if (!unknown.empty()) {
    const std::string names = absl::StrJoin(unknown, ", ");
    return errors::FailedPrecondition("NOT_ENOUGH_HISTORY",
                                      absl::StrCat("history says nothing usable of ", names,
                                                   "; give these in the request, or a longer history"),
                                      {{"missing", names}});
  }

  ResourcePlan plan;
  plan.needed_wins =
      std::max(0.0, (inputs.target_minor - inputs.committed_minor) / inputs.average_deal_minor);
  plan.departments = {{Department::kAcquire}, {Department::kNurture}, {Department::kPursue}};
  const std::vector<Rate> chances = ChancesToWin(inputs.stages);
  plan.stages.resize(inputs.stages.size());
  std::vector<bool> in_time(inputs.stages.size());
  double days = 0;
  for (std::size_t i = inputs.stages.size(); i-- > 0;) {
    const PlanStage& stage = inputs.stages[i];
    StageNeed& need = plan.stages[i];
    need.needed = plan.needed_wins / chances[i].estimate;
    need.low = plan.needed_wins / chances[i].high;
    need.high = plan.needed_wins / chances[i].low;
    need.gap = need.needed - static_cast<double>(stage.stock);
    days += stage.median_days;
    need.ready_by = inputs.period_end - static_cast<absl::civil_diff_t>(std::ceil(days));
    in_time[i] = need.ready_by >= inputs.today;
    need.hours = need.needed * stage.effort_hours;
    if (inputs.hours_per_person > 0) need.head_count = need.hours / (inputs.hours_per_person * inputs.ramp);
    DepartmentNeed& department = plan.departments[static_cast<std::size_t>(stage.department)];
    department.gap += need.gap;
    department.hours += need.hours;
    department.head_count += need.head_count;
    plan.head_count += need.head_count;
  }
  plan.staffing_gap = plan.head_count - inputs.people;
  plan.probability = ProbabilityOfTarget(inputs, chances, in_time);
  plan.probability_error = std::sqrt(plan.probability * (1 - plan.probability) / TrialsOf(inputs));
  return plan;
}

}  // namespace crm::analytics
