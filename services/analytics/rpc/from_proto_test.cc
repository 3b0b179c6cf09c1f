#include "services/analytics/rpc/from_proto.h"

#include <gtest/gtest.h>

#include <limits>

#include "common/testing/matchers.h"

namespace crm::analytics {
namespace {

using ::crm::testing::HasViolation;

constexpr absl::CivilDay kToday(2026, 1, 15);

v1::PlanResourcesRequest GoodPlan() {
  v1::PlanResourcesRequest request;
  request.mutable_target()->set_currency_code("CNY");
  request.mutable_target()->set_minor_units(100);
  request.set_period_start_date("2026-01-01");
  request.set_period_end_date("2026-03-31");
  return request;
}

TEST(PlanResources, TakesWhatIsWellFormed) {
  v1::PlanResourcesRequest request = GoodPlan();
  auto& stage = *request.add_stages();
  stage.set_stage_key("lead");
  stage.set_conversion(0.5);
  const auto query = ToQuery(request, kToday);
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_EQ(query->target, (Money{"CNY", 100}));
  EXPECT_EQ(query->period_end, absl::CivilDay(2026, 3, 31));
  EXPECT_EQ(query->stages.at("lead").conversion, 0.5);
  EXPECT_FALSE(query->stages.at("lead").days);
  EXPECT_EQ(query->trials, 10'000);
  EXPECT_EQ(query->ramp, 1);
}

struct BadPlan {
  const char* field;
  const char* reason;
  void (*spoil)(v1::PlanResourcesRequest&);
};

TEST(PlanResources, NamesEveryFieldAndRule) {
  const BadPlan table[] = {
      {"target.currency_code", "UNKNOWN_CURRENCY",
       [](auto& r) { r.mutable_target()->set_currency_code("XX"); }},
      {"target.minor_units", "NEGATIVE", [](auto& r) { r.mutable_target()->set_minor_units(-1); }},
      {"period_start_date", "REQUIRED", [](auto& r) { r.clear_period_start_date(); }},
      {"period_start_date", "MALFORMED", [](auto& r) { r.set_period_start_date("2026-13-01"); }},
      {"period_end_date", "PAST_DATE", [](auto& r) { r.set_period_end_date("2026-01-14"); }},
      {"period_start_date", "AFTER_END", [](auto& r) { r.set_period_start_date("2026-04-01"); }},
      {"process_id", "MALFORMED", [](auto& r) { r.set_process_id("no id"); }},
      {"average_deal.minor_units", "NOT_POSITIVE",
       [](auto& r) { r.mutable_average_deal()->set_currency_code("CNY"); }},
      {"average_deal.currency_code", "CURRENCY_MISMATCH",
       [](auto& r) {
         r.mutable_average_deal()->set_currency_code("EUR");
         r.mutable_average_deal()->set_minor_units(5);
       }},
      {"stages[0].conversion", "TOO_LARGE",
       [](auto& r) {
         r.add_stages()->set_stage_key("lead");
         r.mutable_stages(0)->set_conversion(1.1);
       }},
      {"stages[0].days", "NEGATIVE",
       [](auto& r) {
         r.add_stages()->set_stage_key("lead");
         r.mutable_stages(0)->set_days(-1);
       }},
      {"stages[0].effort_hours", "MALFORMED",
       [](auto& r) {
         r.add_stages()->set_stage_key("lead");
         r.mutable_stages(0)->set_effort_hours(std::numeric_limits<double>::quiet_NaN());
       }},
      {"stages[1].stage_key", "DUPLICATE",
       [](auto& r) {
         r.add_stages()->set_stage_key("lead");
         r.add_stages()->set_stage_key("lead");
       }},
      {"stages[0].stage_key", "REQUIRED", [](auto& r) { r.add_stages(); }},
      {"ramp", "TOO_LARGE", [](auto& r) { r.set_ramp(1.5); }},
      {"trials", "TOO_LARGE", [](auto& r) { r.set_trials(100'001); }},
      {"people", "NEGATIVE", [](auto& r) { r.set_people(-1); }},
  };
  for (const BadPlan& bad : table) {
    v1::PlanResourcesRequest request = GoodPlan();
    bad.spoil(request);
    EXPECT_THAT(ToQuery(request, kToday).status(), HasViolation(bad.field, bad.reason)) << bad.field;
  }
}

TEST(PlanResources, ListsAllViolationsAtOnce) {
  const auto query = ToQuery(v1::PlanResourcesRequest(), kToday);
  EXPECT_THAT(query.status(), HasViolation("period_start_date", "REQUIRED"));
  EXPECT_THAT(query.status(), HasViolation("period_end_date", "REQUIRED"));
  EXPECT_THAT(query.status(), HasViolation("target.currency_code", "UNKNOWN_CURRENCY"));
}

TEST(Reports, NameEveryFieldAndRule) {
  v1::GetFunnelRequest funnel;
  funnel.set_as_of_date("yesterday");
  funnel.set_group_by(static_cast<v1::GroupBy>(77));
  funnel.set_process_id("x");
  EXPECT_THAT(ToQuery(funnel).status(), HasViolation("as_of_date", "MALFORMED"));
  EXPECT_THAT(ToQuery(funnel).status(), HasViolation("group_by", "UNKNOWN_VALUE"));
  EXPECT_THAT(ToQuery(funnel).status(), HasViolation("process_id", "MALFORMED"));

  v1::GetConversionRequest conversion;
  conversion.set_from_date("2026-02-01");
  EXPECT_THAT(ToQuery(conversion, kToday).status(), HasViolation("from_date", "AFTER_END"));

  v1::GetReceivablesAgeingRequest ageing;
  ageing.set_group_by(v1::GROUP_BY_PRODUCT);
  EXPECT_THAT(ToQuery(ageing, kToday).status(), HasViolation("group_by", "NOT_SUPPORTED"));
}

}  // namespace
}  // namespace crm::analytics
