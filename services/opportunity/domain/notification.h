#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace crm::opportunity {

// A message to one person inside the application, made once from one event.
struct Notification {
  static constexpr std::string_view kAggregateType = "notification";

  Uuid id, owner_id, org_unit_id;  // owner_id is who is told
  std::string kind;                // lead_assigned, follow_up_missed, instalment_due, …
  std::string title, title_zh;
  std::string subject_type;  // lead, opportunity, contract
  Uuid subject_id, event_id;
  absl::Time occurred_time;
  std::optional<absl::Time> due_time;  // of what it is about
  std::optional<absl::Time> read_time;
  std::int64_t version = 0;
  absl::Time create_time;
};

struct Notify {
  std::vector<Notification> notifications;  // of one event: one per person
};
struct MarkNotificationRead {
  Uuid id;
};

struct NotificationPosted {
  Notification notification;
};
struct NotificationRead {
  Notification notification;
};

}  // namespace crm::opportunity
