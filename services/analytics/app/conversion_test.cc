#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/testing/database.h"
#include "services/analytics/app/apply_events.h"
#include "services/analytics/app/reports.h"

namespace crm::analytics {
namespace {

const absl::TimeZone kUtc = absl::UTCTimeZone();
const Uuid kProcess(7, 7);

// Opportunities of a process of two stages: the first for 30 days at most, the second for as long as it
// takes.
class ConversionTest : public ::testing::Test {
 protected:
  ConversionTest() { schema_.Empty(); }

  // Opened in the first stage so many days ago; then stands in `stage` and `status` since so many days ago.
  struct Step {
    int days_ago, stage;
    std::string status, reason;
  };
  void Opportunity(const std::vector<Step>& steps) {
    OpportunitySeen seen;
    seen.id = Uuid(2, ++opportunities_);
    seen.currency = "CNY";
    seen.amount_minor = 100;
    seen.opened_time = DaysAgo(steps.front().days_ago);
    std::int64_t seq = 0;
    for (const Step& step : steps) {
      seen.stage = {.process_id = kProcess,
                    .order = step.stage,
                    .key = absl::StrCat("stage", step.stage),
                    .maximum_days = step.stage == 1 ? 30 : 0};
      seen.status = step.status;
      seen.close_reason = step.reason;
      seen.occurred_time = DaysAgo(step.days_ago);
      const work::EventKey once{"opportunity", Uuid::New(), seen.id, ++seq};
      const std::vector<work::Request<Recorded>> set = {{caller_, seen, once}};
      const auto outcomes = ApplyEvents(work_, set, kUtc);
      EXPECT_TRUE(outcomes[0].ok()) << outcomes[0].status();
    }
  }
  absl::Time DaysAgo(int days) const { return absl::FromCivil(today_ - days, kUtc); }

  const absl::CivilDay today_ = absl::ToCivilDay(absl::Now(), kUtc);
  testing::TestSchema schema_{"guanxi_analytics", "services/analytics/migrations"};
  db::Pool pool_{{.url = schema_.url(), .application = "test", .size = 2}};
  work::Codecs codecs_;
  work::UnitOfWork work_{pool_, "analytics", codecs_, {.events_appended = [] {}, .jobs_scheduled = [] {}}};
  work::Caller caller_{auth::ServicePrincipal("test"), absl::InfiniteFuture(), ""};
  std::uint64_t opportunities_ = 0;
};

TEST_F(ConversionTest, LeavesOutWhoseOutcomeNobodyCanKnowYet) {
  Opportunity({{29, 1, "OPEN", ""}});                        // within the stage's days
  Opportunity({{100, 1, "OPEN", ""}, {90, 2, "OPEN", ""}});  // in a stage without a limit
  Opportunity({{32, 1, "OPEN", ""}});                        // over them: counted as not come further
  Opportunity({{60, 1, "OPEN", ""}, {50, 2, "OPEN", ""}, {40, 2, "WON", "price"}});
  Opportunity({{50, 1, "OPEN", ""}, {45, 1, "WON", "price"}});  // skipped the second stage
  Opportunity({{20, 1, "OPEN", ""}, {15, 1, "LOST", "budget"}});
  Opportunity({{300, 1, "OPEN", ""}, {290, 1, "LOST", "budget"}});  // of an earlier cohort

  const auto conversion =
      GetConversion({.pool = pool_, .caller = caller_, .zone = kUtc},
                    {.process_id = kProcess, .period = {.from = today_ - 200, .to = today_}});
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_EQ(conversion->entered, 4);
  EXPECT_EQ(conversion->undecided, 2);
  ASSERT_EQ(conversion->stages.size(), 2u);
  EXPECT_EQ(conversion->stages[0].to_next, WilsonRate(2, 4));
  EXPECT_EQ(conversion->stages[1].to_next, WilsonRate(2, 2));
  EXPECT_EQ(conversion->win_rate, WilsonRate(2, 4));
  // Wilson (1927) for 2 of 4: ½ ± z √(¼ ÷ 4 + z² ÷ 64) ÷ (1 + z² ÷ 4), z = 1.96.
  EXPECT_NEAR(conversion->win_rate.low, 0.1500, 0.00005);
  EXPECT_NEAR(conversion->win_rate.high, 0.8500, 0.00005);
  EXPECT_DOUBLE_EQ(conversion->average_cycle_days, 12.5);  // 20 and 5 days
  EXPECT_DOUBLE_EQ(conversion->median_cycle_days, 12.5);
  EXPECT_EQ(conversion->stages[0].visits, 4);
  EXPECT_DOUBLE_EQ(conversion->stages[0].median_days, 7.5);  // 10, 10, 5 and 5 days
  ASSERT_EQ(conversion->losses.size(), 1u);
  EXPECT_EQ(conversion->losses[0].reason, "budget");
  EXPECT_EQ(conversion->losses[0].opportunities, 1);
}

}  // namespace
}  // namespace crm::analytics
