#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/money.h"
#include "common/base/uuid.h"

namespace crm::opportunity {

// What a person plans to do about a lead, customer, opportunity or contract: SCHEDULED → COMPLETED |
// CANCELLED. A plan is kept as the wall clock of its place (local time and zone); the instant is derived from
// it.
struct Activity {
  static constexpr std::string_view kAggregateType = "activity";
  enum class Kind { kTask, kVisit, kCall, kMeeting, kDemo };
  enum class Subject { kLead, kCustomer, kOpportunity, kContract };
  enum class Status { kScheduled, kCompleted, kCancelled };

  Uuid id, owner_id, org_unit_id;
  Kind kind = Kind::kTask;
  Subject subject = Subject::kOpportunity;
  Uuid subject_id;
  std::optional<Uuid> customer_id;  // whom it serves, where that is known
  std::string title, note;
  std::string local_time;  // "2026-03-02T09:30:00"
  std::string time_zone;   // IANA: "Asia/Shanghai"
  absl::Time start_time;   // the instant of the two above
  int duration_minutes = 0;
  Status status = Status::kScheduled;
  std::string outcome;
  bool met_decision_maker = false;
  int spent_minutes = 0;
  std::optional<Money> cost;
  std::optional<absl::Time> complete_time;
  std::int64_t version = 0;
  absl::Time create_time, update_time;
};

struct ScheduleActivity {
  Activity plan;  // kind, subject, title, note, local time, zone, instant, duration; owner and unit or nil
};
struct CompleteActivity {
  Uuid id;
  std::optional<std::int64_t> expected_version;
  std::string outcome;
  bool met_decision_maker = false;
  int spent_minutes = 0;
  std::optional<Money> cost;
};

struct ActivityScheduled {
  Activity activity;
};
struct ActivityCompleted {
  Activity activity;
};

// The instant of a civil time in a zone. nullopt when either is malformed, or outside the years 1 to 9999
// UTC. A local time that a clock change skips or repeats takes the earlier offset, like iCalendar (RFC
// 5545, 3.3.5).
std::optional<absl::Time> InstantOf(std::string_view local_time, std::string_view time_zone);

ActivityScheduled Schedule(const ScheduleActivity& command, absl::Time now);

// ILLEGAL_STATE_MOVE unless scheduled; OUTCOME_REQUIRED.
absl::StatusOr<ActivityCompleted> Complete(Activity activity, const CompleteActivity& command,
                                           absl::Time now);

}  // namespace crm::opportunity
