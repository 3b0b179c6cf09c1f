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

WorkCalendar& WorkCalendar::AddHoliday(absl::CivilDay day) {
  holidays_.insert(day);
  return *this;
}

WorkCalendar& WorkCalendar::AddWorkingDay(absl::CivilDay day, absl::Weekday as) {
  working_days_.emplace_back(day, as);
  return *this;
}

WorkCalendar& WorkCalendar::AddAbsence(absl::Time begin, absl::Time end) {
  if (end <= begin) return *this;
  absences_.emplace_back(begin, end);
  std::sort(absences_.begin(), absences_.end());
  std::vector<std::pair<absl::Time, absl::Time>> merged;
  for (const auto& absence : absences_) {
    if (!merged.empty() && absence.first <= merged.back().second) {
      merged.back().second = std::max(merged.back().second, absence.second);
    } else {
      merged.push_back(absence);
    }
  }
  absences_ = std::move(merged);
  return *this;
}

std::vector<std::pair<absl::Time, absl::Time>> WorkCalendar::Stretches(absl::CivilDay day) const {
  auto weekday = absl::GetWeekday(day);
  const auto extra = std::find_if(working_days_.begin(), working_days_.end(),
                                  [&](const auto& working) { return working.first == day; });
  if (extra != working_days_.end()) {
    weekday = extra->second;
  } else if (holidays_.contains(day)) {
    return {};
  }
  std::vector<std::pair<absl::Time, absl::Time>> stretches;
  for (const Interval& interval : week_[static_cast<std::size_t>(weekday)]) {
    absl::Time begin = InstantOf(day, interval.begin, zone_);
    const absl::Time end = InstantOf(day, interval.end, zone_);
    for (const auto& [away, back] : absences_) {
      if (back <= begin) continue;
      if (away >= end) break;
      if (away > begin) stretches.emplace_back(begin, away);
      begin = back;
    }
    if (begin < end) stretches.emplace_back(begin, end);
  }
  return stretches;
}

bool WorkCalendar::IsWorking(absl::Time at) const {
  for (const auto& [begin, end] : Stretches(absl::ToCivilDay(at, zone_)))
    if (begin <= at && at < end) return true;
  return false;
}

absl::Time WorkCalendar::Add(absl::Time start, absl::Duration duration) const {
  absl::CivilDay day = absl::ToCivilDay(start, zone_);
  for (int i = 0; i < kHorizonDays; ++i, ++day) {
    for (const auto& [begin, end] : Stretches(day)) {
      const absl::Time from = std::max(begin, start);
      if (from >= end) continue;
      if (duration <= end - from) return from + duration;
      duration -= end - from;
    }
  }
  return absl::InfiniteFuture();
}

absl::Duration WorkCalendar::Between(absl::Time begin, absl::Time end) const {
  absl::Duration total;
  const absl::CivilDay last = absl::ToCivilDay(end, zone_);
  for (absl::CivilDay day = absl::ToCivilDay(begin, zone_); day <= last && begin < end; ++day)
    for (const auto& [from, to] : Stretches(day))
      if (std::max(from, begin) < std::min(to, end)) total += std::min(to, end) - std::max(from, begin);
  return total;
}

}  // namespace crm
