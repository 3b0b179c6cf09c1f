#include "services/analytics/domain/conversion.h"

namespace crm::analytics {
namespace {

constexpr double kHoursPerDay = 24;

std::int64_t Reached(const Cohort& cohort, int order) {
  std::int64_t sum = 0;
  for (auto at = cohort.reached.lower_bound(order); at != cohort.reached.end(); ++at) sum += at->second;
  return sum;
}

}  // namespace

Conversion Convert(const Cohort& cohort) {
  Conversion conversion{.process_id = cohort.process_id,
                        .entered = Reached(cohort, 0),
                        .undecided = cohort.undecided,
                        .stages = {},
                        .win_rate = {},
                        .losses = cohort.losses};
  const std::int64_t won = Reached(cohort, kWonOrder);
  for (std::size_t i = 0; i < cohort.stages.size(); ++i) {
    StageConversion stage{.stage = cohort.stages[i], .to_next = {}, .to_won = {}};
    const int next = i + 1 < cohort.stages.size() ? cohort.stages[i + 1].order : kWonOrder;
    stage.reached = Reached(cohort, stage.stage.order);
    stage.to_next = WilsonRate(Reached(cohort, next), stage.reached);
    stage.to_won = WilsonRate(won, stage.reached);
    if (const auto found = cohort.durations.find(stage.stage.order); found != cohort.durations.end()) {
      stage.visits = found->second.visits;
      stage.median_days = Percentile(found->second.hours, 0.5) / kHoursPerDay;
      stage.p80_days = Percentile(found->second.hours, 0.8) / kHoursPerDay;
    }
    conversion.stages.push_back(std::move(stage));
  }
  conversion.win_rate = WilsonRate(won, conversion.entered);
  if (const auto cycle = cohort.durations.find(kWonOrder);
      cycle != cohort.durations.end() && cycle->second.visits > 0) {
    conversion.average_cycle_days = static_cast<double>(cycle->second.hours_sum) /
                                    static_cast<double>(cycle->second.visits) / kHoursPerDay;
    conversion.median_cycle_days = Percentile(cycle->second.hours, 0.5) / kHoursPerDay;
  }
  return conversion;
}

}  // namespace crm::analytics
