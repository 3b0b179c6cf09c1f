#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace crm::opportunity {

// A message to one person inside the application, made once from one event.
struct Notification {
  static constexpr std::string_view kAggregateType = "notification";

  Uuid id, owner_id, org_unit_id;  // owner_id is who is told
  std::string kind;                // the event's type: LeadAssigned, InstalmentOverdue, …
  std::string title, body;
  std::string subject_type;  // lead, opportunity, contract, instalment
  Uuid subject_id, event_id;
  absl::Time occurred_time;
  std::optional<absl::Time> read_time;
  std::int64_t version = 0;
  absl::Time create_time;
};

struct Notify {
  Notification notification;
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
