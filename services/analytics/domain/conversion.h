#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "services/analytics/domain/estimate.h"
#include "services/analytics/domain/opportunity_fact.h"

namespace crm::analytics {

// Ended visits to one stage.
struct Durations {
  Histogram hours;  // DurationBucket → visits
  std::int64_t visits = 0, hours_sum = 0;
};

struct LossReason {
  int stage_order = 0;
  std::string status, reason;
  std::int64_t opportunities = 0;
};

// What a cohort is counted from: those who entered the process in a period.
struct Cohort {
  Uuid process_id;
  std::vector<Stage> stages;            // in order
  std::map<int, std::int64_t> reached;  // furthest order ever → opportunities; kWonOrder for won ones
  std::int64_t undecided = 0;           // open and within the maximum days of their stage: left out
  std::map<int, Durations> durations;   // by stage order; kWonOrder: the whole way of those won
  std::vector<LossReason> losses;
};

struct StageConversion {
  Stage stage;
  std::int64_t reached = 0;  // came to this stage or further
  Rate to_next, to_won;
  std::int64_t visits = 0;
  double median_days = 0, p80_days = 0;
};

struct Conversion {
  Uuid process_id;
  std::int64_t entered = 0, undecided = 0;
  std::vector<StageConversion> stages;
  Rate win_rate;
  double average_cycle_days = 0, median_cycle_days = 0;
  std::vector<LossReason> losses;
};

Conversion Convert(const Cohort& cohort);

}  // namespace crm::analytics
