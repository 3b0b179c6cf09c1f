#include "common/base/money.h"

#include <gmock/gmock.h>

#include <limits>
#include <numeric>
#include <random>

namespace crm {
namespace {

using ::testing::ElementsAre;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

TEST(MoneyTest, KnowsCurrencies) {
  EXPECT_TRUE(IsCurrency("CNY"));
  EXPECT_FALSE(IsCurrency("cny"));
  EXPECT_FALSE(IsCurrency("XXX"));
  EXPECT_FALSE(IsCurrency("NY "));
  EXPECT_EQ(CurrencyDigits("CNY"), 2);
  EXPECT_EQ(CurrencyDigits("JPY"), 0);
  EXPECT_EQ(CurrencyDigits("KWD"), 3);
}

TEST(MoneyTest, ArithmeticIsChecked) {
  EXPECT_EQ(Add({"CNY", 1}, {"CNY", 2}), (Money{"CNY", 3}));
  EXPECT_EQ(Add({"CNY", 1}, {"USD", 2}), std::nullopt);
  EXPECT_EQ(Add({"CNY", kMax}, {"CNY", 1}), std::nullopt);
  EXPECT_EQ(MulDiv(kMax, 2, 1), std::nullopt);
  EXPECT_EQ(MulDiv(kMax, 3, 4), 6917529027641081855);
  EXPECT_EQ(MulDiv(5, 1, 2), 3);
  EXPECT_EQ(MulDiv(-5, 1, 2), -3);
  EXPECT_EQ(MulDiv(4, 1, 3), 1);
  EXPECT_EQ(MulDiv(-5, 1, 3), -2);
}

TEST(MoneyTest, PartsAddUpToTheWhole) {
  EXPECT_THAT(Allocate(10000, {3334, 3333, 3333}), ElementsAre(3334, 3333, 3333));
  EXPECT_THAT(Allocate(100, {1, 1, 1}), ElementsAre(34, 33, 33));
  EXPECT_THAT(Allocate(0, {1, 0}), ElementsAre(0, 0));
  std::mt19937_64 random(5);
  for (int i = 0; i < 1000; ++i) {
    std::vector<std::int64_t> weights(1 + random() % 12);
    for (auto& weight : weights) weight = static_cast<std::int64_t>(random() % 10000);
    weights[0] += 1;
    const auto total = static_cast<std::int64_t>(random() >> (1 + random() % 60));
    const auto parts = Allocate(total, weights);
    EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}), total);
    for (std::size_t j = 0; j < parts.size(); ++j) EXPECT_GE(parts[j], 0);
  }
}

}  // namespace
}  // namespace crm
