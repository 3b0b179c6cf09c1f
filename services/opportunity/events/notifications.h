#pragma once
#include <optional>

#include "absl/status/statusor.h"
#include "crm/event/v1/event.pb.h"
#include "services/opportunity/domain/notification.h"

namespace crm::opportunity {

// Who is told what about an event: one notification per person, its id made of both. Nothing when it concerns
// nobody.
absl::StatusOr<std::optional<Notify>> ToNotifications(const crm::event::v1::Event& event);

}  // namespace crm::opportunity
