#pragma once
#include <cstdint>
#include <map>

// The few statistics that analytics answers with. Pure.
namespace crm::analytics {

// A share estimated from counts: `hits` of `trials`, with its 95 % interval.
struct Rate {
  std::int64_t hits = 0, trials = 0;
  double estimate = 0, low = 0, high = 1;

  friend bool operator==(const Rate&, const Rate&) = default;
};

// The interval of Wilson (1927), without continuity correction: it stays within 0 … 1 and says something even
// of 0 hits. No trials: the estimate is 0, the interval everything. 0 ≤ hits ≤ trials.
Rate WilsonRate(std::int64_t hits, std::int64_t trials);

// A rate that is given and not measured: its interval is itself. 0 ≤ value ≤ 1.
Rate GivenRate(double value);

// The product of independent rates; its interval by the method of variance estimates recovery (Zou & Donner
// 2008) on the logarithms. Hits and trials are 0. A factor of 0 makes everything 0.
Rate Product(const Rate& a, const Rate& b);

// How often each duration (in hours) occurred.
using Histogram = std::map<std::int64_t, std::int64_t>;

// The p-quantile, 0 ≤ p ≤ 1, interpolated between the neighbours as PostgreSQL's percentile_cont does (type 7
// of Hyndman & Fan 1996). Of nothing: 0.
double Percentile(const Histogram& histogram, double p);

// Durations are kept by the hour below a week and by the day above, so that a histogram stays small. `hours`
// ≥ 0.
std::int64_t DurationBucket(std::int64_t hours);

}  // namespace crm::analytics
