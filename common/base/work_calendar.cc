#include "common/base/work_calendar.h"

#include <algorithm>

#include "common/base/time_zone.h"

namespace crm {
namespace {

constexpr int kMinutesPerDay = 24 * 60;
constexpr int kHorizonDays = 3660;

absl::Time InstantOf(absl::CivilDay day, int minute, absl::TimeZone zone) {
  const absl::CivilDay date = minute == kMinutesPerDay ? day + 1 : day;
  const int rest = minute % kMinutesPerDay;
  // A time that the clock change skips counts as the moment of the change.
  const auto info =
      zone.At(absl::CivilSecond(date.year(), date.month(), date.day(), rest / 60, rest % 60, 0));
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

}  // namespace

std::optional<WorkCalendar> WorkCalendar::Make(std::string_view time_zone, Week week) {
  const std::optional<absl::TimeZone> zone = FindTimeZone(time_zone);
  if (!zone) return std::nullopt;
  for (const auto& intervals : week) {
    int last = 0;
    for (const Interval& interval : intervals) {
      if (interval.begin < last || interval.end <= interval.begin || interval.end > kMinutesPerDay)
        return std::nullopt;
      last = interval.end;
    }
  }
  return WorkCalendar(*zone, std::move(week));
}

WorkCalendar::Week WorkCalendar::OfficeHours() {
  Week week;
  for (int day = 0; day < 5; ++day)
    week[static_cast<std::size_t>(day)] = {{9 * 60, 12 * 60}, {13 * 60, 18 * 60}};
  return week;
}

WorkCalendar::Week WorkCalendar::AlwaysOpen() {
  Week week;
  week.fill({{0, kMinutesPerDay}});
  return week;
}

absl::Time WorkCalendar::Add(absl::Time start, absl::Duration duration) const {
  absl::CivilDay day = absl::ToCivilDay(start, zone_);
  for (int i = 0; i < kHorizonDays; ++i, ++day) {
    for (const Interval& interval : week_[static_cast<std::size_t>(absl::GetWeekday(day))]) {
      const absl::Time from = std::max(InstantOf(day, interval.begin, zone_), start);
      const absl::Time end = InstantOf(day, interval.end, zone_);
      if (from >= end) continue;
      if (duration <= end - from) return from + duration;
      duration -= end - from;
    }
  }
  return absl::InfiniteFuture();
}

}  // namespace crm
