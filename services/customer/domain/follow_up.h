#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/base/work_calendar.h"

// The deadline for planning the follow-up of an assigned lead, in business time: the owner is reminded when
// half and when four fifths of it have passed; then it is missed and the manager told; after the grace it is
// taken back.
namespace crm::customer {

// An activity that somebody has planned for a lead.
struct FollowUpPlan {
  Uuid activity_id, owner_id;  // who is to do it
  absl::Time committed;        // when it was recorded: that decides, not when it is heard of
};

enum class FollowUpStep { kHalf, kMost, kDeadline, kGraceEnd };

// Every step of one assignment, computed once, so that a calendar changed later moves nobody's deadline.
struct FollowUpSchedule {
  Uuid assignment_id;
  absl::Time start, half, most, deadline;
  std::optional<absl::Time> grace_end;  // empty: never taken back
};

FollowUpSchedule PlanFollowUpSteps(const Uuid& assignment_id, absl::Time start, absl::Duration within,
                                   absl::Duration grace, const WorkCalendar& calendar);

// When `step` is due; empty when there is no such step.
std::optional<absl::Time> TimeOf(const FollowUpSchedule& schedule, FollowUpStep step);

// The step behind `step`, if any.
std::optional<FollowUpStep> Next(const FollowUpSchedule& schedule, FollowUpStep step);

// What a job carries: a schedule and the step that is due. Text, one line.
struct FollowUpDue {
  FollowUpSchedule schedule;
  FollowUpStep step = FollowUpStep::kHalf;
};
std::string Encode(const FollowUpDue& due);
std::optional<FollowUpDue> DecodeFollowUp(std::string_view text);

}  // namespace crm::customer
