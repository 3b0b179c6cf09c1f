#include "services/opportunity/storage/notification_store.h"

#include "services/opportunity/storage/columns.h"

namespace crm::opportunity {
namespace {

#define CRM_NOTIFICATION_COLUMNS                                                                        \
  "id, kind, title, title_zh, subject_type, subject_id, event_id, occurred_time, due_time, read_time, " \
  "owner_id, "                                                                                          \
  "org_unit_id, version, create_time"

constexpr db::Statement kLoad{
    "load_notifications", "SELECT " CRM_NOTIFICATION_COLUMNS " FROM notification WHERE id = ANY($1::uuid[])"};

constexpr db::Statement kList{"list_notifications", "SELECT " CRM_NOTIFICATION_COLUMNS R"( FROM notification
 WHERE owner_id = $1 AND (NOT $2::boolean OR read_time IS NULL)
   AND ($3::timestamptz IS NULL OR (create_time, id) < ($3, $4::uuid))
 ORDER BY create_time DESC, id DESC LIMIT $5)"};

constexpr db::Statement kInsert{"insert_notifications",
                                "INSERT INTO notification (" CRM_NOTIFICATION_COLUMNS R"()
SELECT u.id, u.kind, u.title, u.title_zh, u.subject_type, u.subject_id, u.event_id, u.occurred_time, u.due_time, NULL,
       u.owner_id, u.org_unit_id, u.version, $13
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::timestamptz[],
              $9::timestamptz[], $10::uuid[], $11::uuid[], $12::bigint[])
       AS u(id, kind, title, title_zh, subject_type, subject_id, event_id, occurred_time, due_time, owner_id,
            org_unit_id, version)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_notifications", R"(
UPDATE notification n
   SET read_time = u.read_time, version = u.version
  FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::bigint[]) AS u(id, read_time, version, loaded_version)
 WHERE n.id = u.id AND n.version = u.loaded_version
RETURNING n.id)"};

Notification ReadNotification(db::Row row) {
  Notification n;
  n.id = row.Next<Uuid>();
  n.kind = row.Next<std::string>();
  n.title = row.Next<std::string>();
  n.title_zh = row.Next<std::string>();
  n.subject_type = row.Next<std::string>();
  n.subject_id = row.Next<Uuid>();
  n.event_id = row.Next<Uuid>();
  n.occurred_time = row.Next<absl::Time>();
  n.due_time = row.Next<std::optional<absl::Time>>();
  n.read_time = row.Next<std::optional<absl::Time>>();
  n.owner_id = row.Next<Uuid>();
  n.org_unit_id = row.Next<Uuid>();
  n.version = row.Next<std::int64_t>();
  n.create_time = row.Next<absl::Time>();
  return n;
}

}  // namespace

work::Tracked<Notification> NotificationStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<Notification> notifications;
  if (ids.empty()) return notifications;
  for (db::Row row : tx_.Query(kLoad, {ids})) notifications.AddLoaded(ReadNotification(row));
  return notifications;
}

std::vector<Notification> NotificationStore::List(const Uuid& owner_id, bool unread_only, const Page& page) {
  std::vector<Notification> notifications;
  for (db::Row row : tx_.Query(kList, {owner_id, unread_only, TimeOf(page), IdOf(page), page.limit}))
    notifications.push_back(ReadNotification(row));
  return notifications;
}

bool NotificationStore::Save(const work::Tracked<Notification>& notifications) {
  using N = Notification;
  if (const auto rows = notifications.Added(); !rows.empty()) {
    const auto inserted = tx_.Query(
        kInsert,
        {Column(rows, &N::id), Column(rows, &N::kind), Column(rows, &N::title), Column(rows, &N::title_zh),
         Column(rows, &N::subject_type), Column(rows, &N::subject_id), Column(rows, &N::event_id),
         Column(rows, &N::occurred_time), Column(rows, &N::due_time), Column(rows, &N::owner_id),
         Column(rows, &N::org_unit_id), Column(rows, &N::version), tx_.now()});
    if (inserted.size() != static_cast<int>(rows.size())) return false;
  }
  const ChangedRows<N> changed(notifications);
  const auto& rows = changed.rows;
  if (rows.empty()) return true;
  const auto updated = tx_.Query(kUpdate, {Column(rows, &N::id), Column(rows, &N::read_time),
                                           Column(rows, &N::version), changed.loaded_versions});
  return updated.size() == static_cast<int>(rows.size());
}

}  // namespace crm::opportunity
