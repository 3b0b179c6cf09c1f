#include "services/opportunity/domain/activity.h"

#include "absl/time/civil_time.h"
#include "common/base/instant.h"
#include "common/base/time_zone.h"
#include "common/status/errors.h"
#include "services/opportunity/domain/names.h"

namespace crm::opportunity {

std::optional<absl::Time> InstantOf(std::string_view local_time, std::string_view time_zone) {
  absl::CivilSecond civil;
  if (!absl::ParseCivilTime(absl::string_view(local_time.data(), local_time.size()), &civil))
    return std::nullopt;
  const std::optional<absl::TimeZone> zone = FindTimeZone(time_zone);
  if (!zone) return std::nullopt;
  const absl::Time instant = zone->At(civil).pre;
  if (!IsRepresentable(instant)) return std::nullopt;
  return instant;
}

ActivityScheduled Schedule(const ScheduleActivity& command, absl::Time now) {
  Activity activity = command.plan;
  activity.status = Activity::Status::kScheduled;
  activity.version = 0;
  activity.create_time = activity.update_time = now;
  return {std::move(activity)};
}

absl::StatusOr<ActivityCompleted> Complete(Activity activity, const CompleteActivity& command,
                                           absl::Time now) {
  if (activity.status != Activity::Status::kScheduled)
    return errors::IllegalMove("activity", "status", Name(activity.status),
                               Name(Activity::Status::kCompleted),
                               "only a scheduled activity can be completed");
  if (command.outcome.empty())
    return errors::FailedPrecondition("OUTCOME_REQUIRED", "say what came of it", {{"field", "outcome"}});
  activity.status = Activity::Status::kCompleted;
  activity.outcome = command.outcome;
  activity.met_decision_maker = command.met_decision_maker;
  activity.spent_minutes = command.spent_minutes;
  activity.cost = command.cost;
  activity.complete_time = activity.update_time = now;
  return ActivityCompleted{std::move(activity)};
}

}  // namespace crm::opportunity
