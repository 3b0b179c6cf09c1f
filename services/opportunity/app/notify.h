#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/opportunity/domain/notification.h"

namespace crm::opportunity {

// Puts notifications into inboxes. Their ids are made from event and person, so that none comes twice.
std::vector<work::Outcome> PostNotifications(work::UnitOfWork& work,
                                             absl::Span<const work::Request<Notify>> requests);

// Replies with the Notification; the first reading counts. Items fail with NOTIFICATION_NOT_FOUND, also for
// somebody else's.
std::vector<work::Outcome> MarkNotificationsRead(
    work::UnitOfWork& work, absl::Span<const work::Request<MarkNotificationRead>> requests);

}  // namespace crm::opportunity
