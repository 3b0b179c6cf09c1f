#include "common/base/work_calendar.h"

#include <gtest/gtest.h>

#include <random>

namespace crm {
namespace {

const absl::TimeZone kShanghai = [] {
  absl::TimeZone zone;
  absl::LoadTimeZone("Asia/Shanghai", &zone);
  return zone;
}();

absl::Time At(int month, int day, int hour, int minute = 0, absl::TimeZone zone = kShanghai) {
  return absl::FromCivil(absl::CivilMinute(2026, month, day, hour, minute), zone);
}

WorkCalendar Office() { return *WorkCalendar::Make("Asia/Shanghai", WorkCalendar::OfficeHours()); }

TEST(WorkCalendarTest, CountsBusinessTimeOnly) {
  const WorkCalendar office = Office();
  EXPECT_EQ(office.Add(At(11, 23, 10), absl::Hours(1)), At(11, 23, 11));       // a Monday
  EXPECT_EQ(office.Add(At(11, 23, 11), absl::Hours(2)), At(11, 23, 14));       // over lunch
  EXPECT_EQ(office.Add(At(11, 27, 17), absl::Hours(2)), At(11, 30, 10));       // over the weekend
  EXPECT_EQ(office.Add(At(11, 28, 10), absl::ZeroDuration()), At(11, 30, 9));  // Saturday
  EXPECT_EQ(office.Add(At(11, 23, 17), absl::Hours(1)), At(11, 23, 18));       // to the end of the day
}

TEST(WorkCalendarTest, KeepsLocalTimeOverClockChanges) {
  const WorkCalendar berlin = *WorkCalendar::Make("Europe/Berlin", WorkCalendar::OfficeHours());
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &zone));
  // The clock goes forward on Sunday, 29 March 2026.
  EXPECT_EQ(berlin.Add(At(3, 27, 17, 0, zone), absl::Hours(2)), At(3, 30, 10, 0, zone));
  const WorkCalendar always = *WorkCalendar::Make("Europe/Berlin", WorkCalendar::AlwaysOpen());
  EXPECT_EQ(always.Add(At(3, 28, 12, 0, zone), absl::Hours(24)), At(3, 28, 12, 0, zone) + absl::Hours(24));
}

TEST(WorkCalendarTest, RefusesNonsense) {
  EXPECT_FALSE(WorkCalendar::Make("Mars/Olympus", WorkCalendar::OfficeHours()));
  WorkCalendar::Week overlapping;
  overlapping[0] = {{540, 720}, {700, 800}};
  EXPECT_FALSE(WorkCalendar::Make("UTC", overlapping));
  EXPECT_EQ(WorkCalendar::Make("UTC", {})->Add(At(1, 1, 0), absl::Hours(1)), absl::InfiniteFuture());
}

TEST(WorkCalendarTest, TwoStretchesAddUpToOne) {
  const WorkCalendar office = Office();
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    const absl::Time start = At(4, 20, 0) + absl::Minutes(random() % (40 * 24 * 60));
    const absl::Duration duration = absl::Minutes(random() % (5 * 8 * 60));
    const absl::Time end = office.Add(start, duration);
    const absl::Duration more = absl::Minutes(random() % 600);
    EXPECT_EQ(office.Add(end, more), office.Add(start, duration + more));
  }
}

}  // namespace
}  // namespace crm
