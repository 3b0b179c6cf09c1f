#include "services/contract_credit/domain/instalment.h"

#include <numeric>
#include <random>

#include "common/status/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace crm::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::CivilDay kToday(2026, 11, 22);

ScheduleLine Percent(std::string_view text, DueRule due = {}) { return {ParsePercent(text).value(), due}; }
ScheduleLine Amount(std::int64_t minor, std::string currency = "CNY") {
  return {Money{std::move(currency), minor}, {}};
}
Money Cny(std::int64_t minor) { return {"CNY", minor}; }

std::vector<std::int64_t> AmountsOf(const std::vector<Instalment>& instalments) {
  std::vector<std::int64_t> amounts;
  for (const Instalment& instalment : instalments) amounts.push_back(instalment.amount_minor);
  return amounts;
}

std::vector<std::string> Broken(const absl::Status& status) {
  std::vector<std::string> broken;
  for (const errors::Violation& violation : errors::ViolationsOf(status))
    broken.push_back(violation.field + " " + violation.reason);
  return broken;
}

TEST(Percent, IsReadAndWrittenExactly) {
  EXPECT_EQ(ParsePercent("33.34")->millionths, 333'400);
  EXPECT_EQ(ParsePercent("100")->millionths, Share::kWhole);
  EXPECT_EQ(ParsePercent("0.0001")->millionths, 1);
  for (const char* bad : {"", ".", ".5", "5.", "1.23456", "-1", "1e2", "33,3", " 1", "1234567890"})
    EXPECT_FALSE(ParsePercent(bad)) << bad;
  for (const char* text : {"33.34", "100", "0.0001", "12.5"})
    EXPECT_EQ(FormatPercent(*ParsePercent(text)), text);
}

TEST(Schedule, PercentagesAddUpToTheCent) {
  const auto instalments =
      BuildSchedule(Cny(10'000), {{Percent("33.34"), Percent("33.33"), Percent("33.33")}}, kToday);
  ASSERT_TRUE(instalments.ok()) << instalments.status();
  EXPECT_THAT(AmountsOf(*instalments), ElementsAre(3334, 3333, 3333));
  const auto odd =
      BuildSchedule(Cny(100'01), {{Percent("33.34"), Percent("33.33"), Percent("33.33")}}, kToday);
  ASSERT_TRUE(odd.ok());
  EXPECT_THAT(AmountsOf(*odd), ElementsAre(3335, 3333, 3333));
}

TEST(Schedule, ThreeTimesAThirdIsNotAWhole) {
  const auto refused =
      BuildSchedule(Cny(10'000), {{Percent("33.33"), Percent("33.33"), Percent("33.33")}}, kToday);
  EXPECT_THAT(Broken(refused.status()), ElementsAre("instalments PERCENTAGES_NOT_100"));
}

TEST(Schedule, AmountsMustBeTheTotal) {
  EXPECT_TRUE(BuildSchedule(Cny(300), {{Amount(100), Amount(200)}}, kToday).ok());
  EXPECT_THAT(Broken(BuildSchedule(Cny(300), {{Amount(100), Amount(100)}}, kToday).status()),
              ElementsAre("instalments AMOUNTS_NOT_TOTAL"));
  EXPECT_THAT(Broken(BuildSchedule(Cny(300), {{Amount(INT64_MAX), Amount(INT64_MAX)}}, kToday).status()),
              ElementsAre("instalments AMOUNTS_NOT_TOTAL"));
}

TEST(Schedule, NamesEveryViolationAtOnce) {
  ScheduleLine past = Amount(-5, "EUR");
  past.due.date = absl::CivilDay(2026, 11, 21);
  EXPECT_THAT(Broken(BuildSchedule(Cny(300), {{Amount(300), past}}, kToday).status()),
              ElementsAre("instalments[1].due_date PAST_DATE",
                          "instalments[1].amount.currency_code CURRENCY_MISMATCH",
                          "instalments[1].amount.minor_units NOT_POSITIVE"));
  EXPECT_THAT(Broken(BuildSchedule(Cny(300), {{Amount(300), Percent("1")}}, kToday).status()),
              ElementsAre("instalments MIXED_PARTS"));
  EXPECT_THAT(Broken(BuildSchedule(Cny(300), {}, kToday).status()), ElementsAre("instalments REQUIRED"));
  EXPECT_THAT(Broken(BuildSchedule(Cny(1), {{Percent("50"), Percent("50")}}, kToday).status()),
              ElementsAre("instalments[1].percent TOO_SMALL"));
  EXPECT_THAT(Broken(BuildSchedule(Cny(300), std::vector<ScheduleLine>(121, Amount(1)), kToday).status()),
              ElementsAre("instalments TOO_MANY"));
}

TEST(Schedule, TodayIsNotPast) {
  EXPECT_TRUE(BuildSchedule(Cny(300), {{Percent("100", {.date = kToday})}}, kToday).ok());
}

// Whatever the total and however it is cut, the parts are the whole and none is a unit off its share.
TEST(Schedule, PartsAreAlwaysTheWhole) {
  std::mt19937_64 random(20261122);
  for (int round = 0; round < 3000; ++round) {
    const int parts = 1 + static_cast<int>(random() % 24);
    std::vector<std::int64_t> cuts = {0, Share::kWhole};
    for (int i = 1; i < parts; ++i)
      cuts.push_back(static_cast<std::int64_t>(random() % (Share::kWhole - 1)) + 1);
    std::sort(cuts.begin(), cuts.end());
    std::vector<ScheduleLine> lines;
    for (std::size_t i = 1; i < cuts.size(); ++i)
      if (cuts[i] > cuts[i - 1]) lines.push_back({Share{cuts[i] - cuts[i - 1]}, {}});
    const std::int64_t total = 1'000'000 + static_cast<std::int64_t>(random() >> (2 + random() % 40));
    const auto instalments = BuildSchedule(Cny(total), lines, kToday);
    if (!instalments.ok()) {  // a share of a few millionths may round to nothing; that is said, not hidden
      ASSERT_THAT(Broken(instalments.status()), ::testing::Each(::testing::HasSubstr("TOO_SMALL")));
      continue;
    }
    const std::vector<std::int64_t> amounts = AmountsOf(*instalments);
    ASSERT_EQ(std::accumulate(amounts.begin(), amounts.end(), std::int64_t{0}), total);
    for (std::size_t i = 0; i < amounts.size(); ++i) {
      const __int128 exact = static_cast<__int128>(total) * std::get<Share>(lines[i].part).millionths;
      ASSERT_LT(static_cast<__int128>(amounts[i]) * Share::kWhole - exact, Share::kWhole);
      ASSERT_GT(static_cast<__int128>(amounts[i]) * Share::kWhole - exact, -Share::kWhole);
    }
  }
}

TEST(DueDate, FollowsTheRule) {
  const absl::CivilDay activated(2027, 1, 31);
  EXPECT_EQ(DueDate({.days_after_activation = 30}, activated), absl::CivilDay(2027, 3, 2));
  EXPECT_EQ(DueDate({.days_after_activation = 1, .end_of_month = true}, activated),
            absl::CivilDay(2027, 2, 28));
  EXPECT_EQ(DueDate({.date = kToday}, activated), kToday);
}

TEST(Instalment, IsOverdueOnItsOwnTheDayAfterItsDueDate) {
  Instalment instalment{.number = 1, .amount_minor = 100};
  EXPECT_EQ(StatusOn(instalment, kToday), InstalmentStatus::kScheduled);
  instalment.due_date = kToday;
  EXPECT_EQ(StatusOn(instalment, kToday - 1), InstalmentStatus::kScheduled);
  EXPECT_EQ(StatusOn(instalment, kToday), InstalmentStatus::kDue);
  EXPECT_EQ(StatusOn(instalment, kToday + 1), InstalmentStatus::kOverdue);
  EXPECT_EQ(DaysOverdue(instalment, kToday + 31), 31);
  instalment.paid_minor = 100;
  EXPECT_EQ(StatusOn(instalment, kToday + 31), InstalmentStatus::kPaid);
  EXPECT_EQ(DaysOverdue(instalment, kToday + 31), 0);
}

TEST(Instalment, DaysBeginInTheCustomersZone) {
  absl::TimeZone shanghai, new_york;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &shanghai));
  ASSERT_TRUE(absl::LoadTimeZone("America/New_York", &new_york));
  EXPECT_EQ(absl::FormatTime(OverdueAt(kToday, shanghai), absl::UTCTimeZone()), "2026-11-22T16:00:00+00:00");
  EXPECT_EQ(absl::FormatTime(OverdueAt(kToday, new_york), absl::UTCTimeZone()), "2026-11-23T05:00:00+00:00");
}

}  // namespace
}  // namespace crm::contract
