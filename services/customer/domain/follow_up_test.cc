#include "services/customer/domain/follow_up.h"

#include <gtest/gtest.h>

#include "common/base/time_zone.h"

namespace crm::customer {
namespace {

TEST(FollowUp, StepsFallIntoBusinessTime) {
  const auto calendar = WorkCalendar::Make("Asia/Shanghai", WorkCalendar::OfficeHours());
  ASSERT_TRUE(calendar);
  const absl::TimeZone zone = *FindTimeZone("Asia/Shanghai");
  const auto at = [&](int day, int hour, int minute) {
    return absl::FromCivil(absl::CivilMinute(2026, 3, day, hour, minute), zone);
  };
  // Friday 17:00: one hour is left of the day, then comes the weekend.
  const FollowUpSchedule schedule =
      PlanFollowUpSteps(Uuid::New(), at(6, 17, 0), absl::Hours(4), absl::Hours(8), *calendar);
  EXPECT_EQ(schedule.half, at(9, 10, 0));
  EXPECT_EQ(schedule.deadline, at(9, 12, 0));
  EXPECT_LT(schedule.most, schedule.deadline);
  EXPECT_EQ(schedule.grace_end, at(10, 12, 0));
}

TEST(FollowUp, WalksThroughItsSteps) {
  const auto calendar = WorkCalendar::Make("UTC", WorkCalendar::AlwaysOpen());
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  FollowUpSchedule schedule =
      PlanFollowUpSteps(Uuid::New(), start, absl::Hours(10), absl::Hours(1), *calendar);
  EXPECT_EQ(TimeOf(schedule, FollowUpStep::kHalf), start + absl::Hours(5));
  EXPECT_EQ(TimeOf(schedule, FollowUpStep::kMost), start + absl::Hours(8));
  EXPECT_EQ(Next(schedule, FollowUpStep::kHalf), FollowUpStep::kMost);
  EXPECT_EQ(Next(schedule, FollowUpStep::kDeadline), FollowUpStep::kGraceEnd);
  EXPECT_FALSE(Next(schedule, FollowUpStep::kGraceEnd));
  schedule.grace_end.reset();
  EXPECT_FALSE(Next(schedule, FollowUpStep::kDeadline));
}

TEST(FollowUp, TravelsAsText) {
  const auto calendar = WorkCalendar::Make("UTC", WorkCalendar::AlwaysOpen());
  const FollowUpDue due{PlanFollowUpSteps(Uuid::New(), absl::FromUnixMicros(1'700'000'000'123'456),
                                          absl::Hours(3), absl::Hours(2), *calendar),
                        FollowUpStep::kMost};
  const auto read = DecodeFollowUp(Encode(due));
  ASSERT_TRUE(read);
  EXPECT_EQ(Encode(*read), Encode(due));
  EXPECT_EQ(read->schedule.grace_end, due.schedule.grace_end);
  for (const char* bad : {"", "x", "1 2 3 4 5 6 7", "00000000-0000-0000-0000-000000000001 9 1 1 1 1 1"})
    EXPECT_FALSE(DecodeFollowUp(bad)) << bad;
}

}  // namespace
}  // namespace crm::customer
