#include "services/analytics/domain/estimate.h"

#include <gtest/gtest.h>

#include <random>

namespace crm::analytics {
namespace {

// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998),
// table I, method 3.
TEST(WilsonRate, GivesThePublishedIntervals) {
  struct Published {
    std::int64_t hits, trials;
    double low, high;
  };
  for (const Published& p : {Published{81, 263, 0.2553, 0.3662}, Published{15, 148, 0.0624, 0.1605},
                             Published{0, 20, 0.0, 0.1611}, Published{1, 29, 0.0061, 0.1718}}) {
    const Rate rate = WilsonRate(p.hits, p.trials);
    EXPECT_NEAR(rate.low, p.low, 0.00005) << p.hits << "/" << p.trials;
    EXPECT_NEAR(rate.high, p.high, 0.00005) << p.hits << "/" << p.trials;
  }
}

TEST(WilsonRate, KnowsNothingFromNothing) {
  EXPECT_EQ(WilsonRate(0, 0), (Rate{.estimate = 0, .low = 0, .high = 1}));
  EXPECT_EQ(WilsonRate(7, 7).high, 1);
  EXPECT_LT(WilsonRate(7, 7).low, 1);
}

TEST(Product, OfGivenRatesIsGiven) {
  const Rate product = Product(GivenRate(0.5), GivenRate(0.2));
  EXPECT_DOUBLE_EQ(product.estimate, 0.1);
  EXPECT_NEAR(product.low, 0.1, 1e-12);
  EXPECT_NEAR(product.high, 0.1, 1e-12);
}

TEST(Product, IsNoSurerThanItsFactors) {
  const Rate a = WilsonRate(40, 100), product = Product(a, WilsonRate(30, 60));
  EXPECT_DOUBLE_EQ(product.estimate, 0.2);
  EXPECT_LT(product.low / product.estimate, a.low / a.estimate);
  EXPECT_GT(product.high / product.estimate, a.high / a.estimate);
  EXPECT_EQ(Product(WilsonRate(0, 5), a).estimate, 0);
}

// Drawn many times, the interval of a product holds the true one in about 95 of 100.
TEST(Product, CoversWhatItEstimates) {
  std::mt19937_64 random(3);
  const auto seen = [&random](int trials, double chance) {
    return WilsonRate(std::binomial_distribution<std::int64_t>(trials, chance)(random), trials);
  };
  constexpr int kRounds = 10'000;
  int held = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Rate product = Product(seen(80, 0.4), seen(50, 0.3));
    if (product.low <= 0.12 && 0.12 <= product.high) ++held;
  }
  EXPECT_NEAR(static_cast<double>(held) / kRounds, 0.95, 0.015);
}

// Hyndman & Fan, type 7: the values Excel's PERCENTILE.INC documents for 1, 2, 3, 4.
TEST(Percentile, InterpolatesAsType7) {
  const Histogram histogram{{1, 1}, {2, 1}, {3, 1}, {4, 1}};
  EXPECT_DOUBLE_EQ(Percentile(histogram, 0.3), 1.9);
  EXPECT_DOUBLE_EQ(Percentile(histogram, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(Percentile(histogram, 1), 4);
  EXPECT_DOUBLE_EQ(Percentile({{15, 1}, {20, 1}, {35, 1}, {40, 1}, {50, 1}}, 0.4), 29);
  EXPECT_DOUBLE_EQ(Percentile({{5, 3}, {9, 1}}, 0.5), 5);
  EXPECT_DOUBLE_EQ(Percentile({}, 0.5), 0);
}

TEST(DurationBucket, IsHoursThenDays) {
  EXPECT_EQ(DurationBucket(0), 0);
  EXPECT_EQ(DurationBucket(167), 167);
  EXPECT_EQ(DurationBucket(168), 168);
  EXPECT_EQ(DurationBucket(191), 168);
}

}  // namespace
}  // namespace crm::analytics
