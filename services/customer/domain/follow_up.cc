#include "services/customer/domain/follow_up.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace crm::customer {

FollowUpSchedule PlanFollowUpSteps(const Uuid& assignment_id, absl::Time start, absl::Duration within,
                                   absl::Duration grace, const WorkCalendar& calendar) {
  FollowUpSchedule schedule;
  schedule.assignment_id = assignment_id;
  schedule.start = start;
  schedule.half = calendar.Add(start, within / 2);
  schedule.most = calendar.Add(start, within * 4 / 5);
  schedule.deadline = calendar.Add(start, within);
  if (grace > absl::ZeroDuration()) schedule.grace_end = calendar.Add(schedule.deadline, grace);
  return schedule;
}

std::optional<absl::Time> TimeOf(const FollowUpSchedule& schedule, FollowUpStep step) {
  switch (step) {
    case FollowUpStep::kHalf:
      return schedule.half;
    case FollowUpStep::kMost:
      return schedule.most;
    case FollowUpStep::kDeadline:
      return schedule.deadline;
    case FollowUpStep::kGraceEnd:
      return schedule.grace_end;
  }
  return std::nullopt;
}

std::optional<FollowUpStep> Next(const FollowUpSchedule& schedule, FollowUpStep step) {
  if (step == FollowUpStep::kGraceEnd) return std::nullopt;
  const auto next = static_cast<FollowUpStep>(static_cast<int>(step) + 1);
  return TimeOf(schedule, next) ? std::optional(next) : std::nullopt;
}

std::string Encode(const FollowUpDue& due) {
  const FollowUpSchedule& s = due.schedule;
  const auto micros = [](absl::Time time) { return absl::ToUnixMicros(time); };
  return absl::StrCat(s.assignment_id.ToString(), " ", static_cast<int>(due.step), " ", micros(s.start), " ",
                      micros(s.half), " ", micros(s.most), " ", micros(s.deadline), " ",
                      s.grace_end ? micros(*s.grace_end) : 0);
}

std::optional<FollowUpDue> DecodeFollowUp(std::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(absl::string_view(text.data(), text.size()), ' ');
  if (parts.size() != 7) return std::nullopt;
  const auto id = Uuid::Parse(parts[0]);
  std::int64_t numbers[6];
  for (int i = 0; i < 6; ++i)
    if (!absl::SimpleAtoi(parts[i + 1], &numbers[i])) return std::nullopt;
  if (!id || numbers[0] < 0 || numbers[0] > static_cast<int>(FollowUpStep::kGraceEnd)) return std::nullopt;
  FollowUpDue due;
  due.step = static_cast<FollowUpStep>(numbers[0]);
  due.schedule = {*id,
                  absl::FromUnixMicros(numbers[1]),
                  absl::FromUnixMicros(numbers[2]),
                  absl::FromUnixMicros(numbers[3]),
                  absl::FromUnixMicros(numbers[4]),
                  std::nullopt};
  if (numbers[5] != 0) due.schedule.grace_end = absl::FromUnixMicros(numbers[5]);
  return due;
}

}  // namespace crm::customer
