#include "services/analytics/domain/resource_plan.h"

#include <gtest/gtest.h>

#include <cmath>

#include "common/status/errors.h"

namespace crm::analytics {
namespace {

// 1,000,000 wanted, 200,000 won, deals of 20,000: 40 wins. Half of the last stage wins, 40 % come to it, a
// quarter of the leads is qualified: 80, 200 and 800.
PlanInputs Example() {
  PlanInputs inputs;
  inputs.target_minor = 100'000'000;
  inputs.committed_minor = 20'000'000;
  inputs.average_deal_minor = 2'000'000;
  inputs.stages = {{.key = "lead",
                    .department = Department::kAcquire,
                    .conversion = GivenRate(0.25),
                    .median_days = 3,
                    .effort_hours = 0.5,
                    .stock = 300},
                   {.key = "qualified",
                    .department = Department::kNurture,
                    .conversion = GivenRate(0.4),
                    .median_days = 10,
                    .effort_hours = 2,
                    .stock = 50},
                   {.key = "proposal",
                    .department = Department::kPursue,
                    .conversion = GivenRate(0.5),
                    .median_days = 20.5,
                    .effort_hours = 10,
                    .stock = 90}};
  inputs.today = absl::CivilDay(2026, 1, 1);
  inputs.period_end = absl::CivilDay(2026, 3, 31);
  inputs.hours_per_person = 480;
  inputs.ramp = 0.8;
  inputs.people = 3;
  return inputs;
}

TEST(MakePlan, WalksBackFromTheTarget) {
  const auto plan = MakePlan(Example());
  ASSERT_TRUE(plan.ok());
  EXPECT_DOUBLE_EQ(plan->needed_wins, 40);
  EXPECT_DOUBLE_EQ(plan->stages[2].needed, 80);
  EXPECT_DOUBLE_EQ(plan->stages[1].needed, 200);
  EXPECT_DOUBLE_EQ(plan->stages[0].needed, 800);
  EXPECT_DOUBLE_EQ(plan->stages[0].gap, 500);
  EXPECT_DOUBLE_EQ(plan->stages[2].gap, -10);
  EXPECT_EQ(plan->stages[2].ready_by, absl::CivilDay(2026, 3, 10));  // 20.5 days round up to 21
  EXPECT_EQ(plan->stages[1].ready_by, absl::CivilDay(2026, 2, 28));
  EXPECT_EQ(plan->stages[0].ready_by, absl::CivilDay(2026, 2, 25));
  EXPECT_DOUBLE_EQ(plan->head_count, (800 * 0.5 + 200 * 2 + 80 * 10) / (480 * 0.8));
  EXPECT_DOUBLE_EQ(plan->staffing_gap, plan->head_count - 3);
  EXPECT_DOUBLE_EQ(plan->departments[0].gap, 500);
  EXPECT_DOUBLE_EQ(plan->departments[1].hours, 400);
}

TEST(MakePlan, TakesTheWholeWaysIntervalWhereCountsTelescope) {
  PlanInputs inputs = Example();
  inputs.stages[1].conversion = WilsonRate(40, 100);
  inputs.stages[2].conversion = WilsonRate(20, 40);
  const auto plan = MakePlan(inputs);
  ASSERT_TRUE(plan.ok());
  const Rate whole = WilsonRate(20, 100);
  EXPECT_DOUBLE_EQ(plan->stages[1].needed, 200);
  EXPECT_DOUBLE_EQ(plan->stages[1].low, 40 / whole.high);
  EXPECT_DOUBLE_EQ(plan->stages[1].high, 40 / whole.low);
  EXPECT_LE(plan->stages[0].low, plan->stages[0].needed);
  EXPECT_GE(plan->stages[0].high, plan->stages[0].needed);
}

TEST(MakePlan, NamesWhatHistoryDoesNotKnow) {
  PlanInputs inputs = Example();
  inputs.average_deal_minor = 0;
  inputs.stages[1].conversion = WilsonRate(0, 12);
  const auto plan = MakePlan(inputs);
  EXPECT_EQ(errors::Reason(plan.status()), "NOT_ENOUGH_HISTORY");
  EXPECT_NE(plan.status().message().find("average_deal, qualified"), std::string::npos);
}

TEST(MakePlan, NeedsNothingOnceTheTargetIsMet) {
  PlanInputs inputs = Example();
  inputs.committed_minor = inputs.target_minor;
  const auto plan = MakePlan(inputs);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->needed_wins, 0);
  EXPECT_EQ(plan->probability, 1);
}

// Ten deals of one tenth of the target each at ½: meeting 80 % of ten is P(X ≥ 8) = 56/1024.
TEST(MakePlan, SimulatesTheBinomial) {
  PlanInputs inputs = Example();
  inputs.pipeline = {{.stage = 2, .count = 10, .mean_amount_minor = 10'000'000}};
  inputs.trials = 100'000;
  const auto plan = MakePlan(inputs);
  ASSERT_TRUE(plan.ok());
  EXPECT_NEAR(plan->probability, 56.0 / 1024, 4 * plan->probability_error);
  EXPECT_EQ(plan->probability, MakePlan(inputs)->probability);
  inputs.seed = 2;
  EXPECT_NE(plan->probability, MakePlan(inputs)->probability);
}

// Seven of ten were won so far; how many of ten more will be is beta-binomial: P(X ≥ 8), a = 7.5, b = 3.5.
TEST(MakePlan, KnowsHowLittleHistoryKnows) {
  PlanInputs inputs = Example();
  inputs.stages[2].conversion = WilsonRate(7, 10);
  inputs.pipeline = {{.stage = 2, .count = 10, .mean_amount_minor = 10'000'000}};
  inputs.trials = 100'000;
  const auto plan = MakePlan(inputs);
  ASSERT_TRUE(plan.ok());
  EXPECT_NEAR(plan->probability, 0.4022114, 4 * plan->probability_error);
}

// The intervals of Wilson, and of MOVER where the cohorts differ, computed apart from this code: 40 wins by
// 300/1200, 120/300, 80/100 and 40/80.
TEST(MakePlan, CarriesTheIntervalsBackToTheLeads) {
  PlanInputs inputs = Example();
  inputs.stages = {{.key = "lead", .conversion = WilsonRate(300, 1200)},
                   {.key = "qualified", .conversion = WilsonRate(120, 300)},
                   {.key = "need", .conversion = WilsonRate(80, 100)},
                   {.key = "proposal", .conversion = WilsonRate(40, 80)}};
  const auto plan = MakePlan(inputs);
  ASSERT_TRUE(plan.ok());
  const double expected[][3] = {{1000, 760.8980, 1364.8577},
                                {250, 193.5885, 335.6840},
                                {100, 80.3217, 129.2819},
                                {80, 65.8951, 101.7879}};
  for (std::size_t i = 0; i < plan->stages.size(); ++i) {
    EXPECT_NEAR(plan->stages[i].needed, expected[i][0], 1e-4) << i;
    EXPECT_NEAR(plan->stages[i].low, expected[i][1], 1e-4) << i;
    EXPECT_NEAR(plan->stages[i].high, expected[i][2], 1e-4) << i;
  }
}

TEST(MakePlan, MakesFewerTrialsOfAVariedPipeline) {
  PlanInputs inputs = Example();
  for (int i = 0; i < 10'000; ++i)
    inputs.pipeline.push_back({.stage = 2, .count = 30, .mean_amount_minor = 80'000'000.0 / 150'000});
  inputs.trials = 100'000;
  const auto plan = MakePlan(inputs);
  ASSERT_TRUE(plan.ok());
  const double trials = plan->probability * (1 - plan->probability) / std::pow(plan->probability_error, 2);
  EXPECT_GT(trials, 10);
  EXPECT_LT(trials * static_cast<double>(inputs.pipeline.size()), 1e6);
}

TEST(MakePlan, LeavesOutWhatCannotBeWonInTime) {
  PlanInputs inputs = Example();
  inputs.pipeline = {{.stage = 2, .count = 1000, .mean_amount_minor = 10'000'000}};
  EXPECT_EQ(MakePlan(inputs)->probability, 1);
  inputs.today = absl::CivilDay(2026, 3, 11);
  EXPECT_EQ(MakePlan(inputs)->probability, 0);
}

}  // namespace
}  // namespace crm::analytics
