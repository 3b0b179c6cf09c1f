#include "services/analytics/domain/estimate.h"

#include <algorithm>
#include <cmath>

namespace crm::analytics {
namespace {

constexpr double kZ = 1.959963984540054;  // 97.5 % quantile of the normal distribution

double ValueAt(const Histogram& histogram, std::int64_t rank) {
  for (const auto& [value, count] : histogram) {
    if (rank < count) return static_cast<double>(value);
    rank -= count;
  }
  return 0;
}

}  // namespace

Rate WilsonRate(std::int64_t hits, std::int64_t trials) {
  Rate rate{.hits = hits, .trials = trials};
  if (trials == 0) return rate;
  const double n = static_cast<double>(trials), p = static_cast<double>(hits) / n;
  const double denominator = 1 + kZ * kZ / n;
  const double centre = (p + kZ * kZ / (2 * n)) / denominator;
  const double half = kZ / denominator * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  rate.estimate = p;
  rate.low = hits == 0 ? 0 : std::max(0.0, centre - half);
  rate.high = hits == trials ? 1 : std::min(1.0, centre + half);
  return rate;
}

Rate GivenRate(double value) { return {.estimate = value, .low = value, .high = value}; }

Rate Product(const Rate& a, const Rate& b) {
  Rate product{.estimate = a.estimate * b.estimate};
  if (product.estimate <= 0) {
    product.low = 0;
    product.high = a.high * b.high;
    return product;
  }
  const auto distance = [](double bound, double estimate) { return std::log(bound) - std::log(estimate); };
  const double down = std::hypot(distance(a.low, a.estimate), distance(b.low, b.estimate));
  const double up = std::hypot(distance(a.high, a.estimate), distance(b.high, b.estimate));
  product.low = product.estimate * std::exp(-down);
  product.high = std::min(1.0, product.estimate * std::exp(up));
  return product;
}

double Percentile(const Histogram& histogram, double p) {
  std::int64_t total = 0;
  for (const auto& [value, count] : histogram) total += count;
  if (total == 0) return 0;
  const double rank = p * static_cast<double>(total - 1);
  const auto below = static_cast<std::int64_t>(std::floor(rank));
  const double fraction = rank - static_cast<double>(below);
  const double low = ValueAt(histogram, below);
  return fraction == 0 ? low : low + fraction * (ValueAt(histogram, below + 1) - low);
}

std::int64_t DurationBucket(std::int64_t hours) { return hours < 7 * 24 ? hours : hours / 24 * 24; }

}  // namespace crm::analytics
