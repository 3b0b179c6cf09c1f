#include "services/opportunity/app/notify.h"

#include "common/status/errors.h"
#include "common/work/gather.h"
#include "services/opportunity/storage/notification_store.h"

namespace crm::opportunity {

std::vector<work::Outcome> PostNotifications(work::UnitOfWork& work,
                                             absl::Span<const work::Request<Notify>> requests) {
  return work.Run<Notify>(requests, [](work::Batch<Notify>& batch, db::Transaction& tx) {
    NotificationStore store(tx);
    std::vector<Uuid> ids;
    for (auto& item : batch.items())
      for (const Notification& n : item->notifications) ids.push_back(n.id);
    auto notifications = store.Load(work::Distinct(std::move(ids)));
    for (auto& item : batch.items())
      for (const Notification& notification : item->notifications) {
        if (notifications.Find(notification.id) != nullptr) continue;
        Notification& added = notifications.AddNew(notification);
        added.create_time = batch.now();
        item.Emit(added, NotificationPosted{added});
      }
    batch.Guard(store.Save(notifications));
  });
}

std::vector<work::Outcome> MarkNotificationsRead(
    work::UnitOfWork& work, absl::Span<const work::Request<MarkNotificationRead>> requests) {
  return work.Run<MarkNotificationRead>(
      requests, [](work::Batch<MarkNotificationRead>& batch, db::Transaction& tx) {
        NotificationStore store(tx);
        auto notifications = store.Load(Gather(batch, &MarkNotificationRead::id));
        for (auto& item : batch.items()) {
          Notification* notification = notifications.Find(item->id);
          if (notification == nullptr || notification->owner_id != item.caller().principal->id) {
            item.Fail(errors::NotFound("notification", item->id.ToString()));
            continue;
          }
          if (!notification->read_time) {
            notification->read_time = batch.now();
            item.Emit(*notification, NotificationRead{*notification});
          }
          item.Succeed(*notification);
        }
        batch.Guard(store.Save(notifications));
      });
}

}  // namespace crm::opportunity
