#pragma once
#include <vector>

#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/opportunity/domain/notification.h"
#include "services/opportunity/storage/page.h"

namespace crm::opportunity {

// Notifications in the database, as sets: one statement per call, none for an empty set.
class NotificationStore {
 public:
  explicit NotificationStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<Notification> Load(const std::vector<Uuid>& ids);
  // One person's, newest first.
  std::vector<Notification> List(const Uuid& owner_id, bool unread_only, const Page& page);
  // False when a row has changed since it was loaded, or is there already.
  bool Save(const work::Tracked<Notification>& notifications);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::opportunity
