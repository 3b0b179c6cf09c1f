#include "services/opportunity/storage/activity_store.h"

#include "services/opportunity/domain/names.h"
#include "services/opportunity/storage/columns.h"

namespace crm::opportunity {
namespace {

#define CRM_ACTIVITY_COLUMNS                                                                          \
  "id, kind, subject_type, subject_id, customer_id, title, note, local_time, time_zone, start_time, " \
  "duration_minutes, status, outcome, met_decision_maker, spent_minutes, cost_minor, cost_currency, " \
  "complete_time, "                                                                                   \
  "owner_id, org_unit_id, version, create_time, update_time"

constexpr db::Statement kLoad{"load_activities",
                              "SELECT " CRM_ACTIVITY_COLUMNS " FROM activity WHERE id = ANY($1::uuid[])"};

constexpr db::Statement kList{"list_activities", "SELECT " CRM_ACTIVITY_COLUMNS R"( FROM activity
 WHERE ($1::uuid IS NULL OR owner_id = $1) AND ($2::uuid IS NULL OR owner_id = $2)
   AND ($3::uuid IS NULL OR subject_id = $3) AND ($4::text IS NULL OR status = $4)
   AND ($5::timestamptz IS NULL OR (start_time, id) > ($5, $6::uuid))
 ORDER BY start_time, id LIMIT $7)"};

constexpr db::Statement kInsert{"insert_activities", "INSERT INTO activity (" CRM_ACTIVITY_COLUMNS R"()
SELECT u.id, u.kind, u.subject_type, u.subject_id, u.customer_id, u.title, u.note, u.local_time, u.time_zone,
       u.start_time, u.duration_minutes, u.status, '', false, 0, NULL, NULL, NULL, u.owner_id, u.org_unit_id,
       u.version, $16, $16
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::timestamptz[], $11::integer[], $12::text[], $13::uuid[], $14::uuid[], $15::bigint[])
       AS u(id, kind, subject_type, subject_id, customer_id, title, note, local_time, time_zone, start_time,
            duration_minutes, status, owner_id, org_unit_id, version)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_activities", R"(
UPDATE activity a
   SET status = u.status, outcome = u.outcome, met_decision_maker = u.met_decision_maker,
       spent_minutes = u.spent_minutes, cost_minor = u.cost_minor, cost_currency = u.cost_currency,
       complete_time = u.complete_time, version = u.version, update_time = $11
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::integer[], $6::bigint[], $7::text[],
              $8::timestamptz[], $9::bigint[], $10::bigint[])
       AS u(id, status, outcome, met_decision_maker, spent_minutes, cost_minor, cost_currency, complete_time,
            version, loaded_version)
 WHERE a.id = u.id AND a.version = u.loaded_version
RETURNING a.id)"};

Activity ReadActivity(db::Row row) {
  Activity a;
  a.id = row.Next<Uuid>();
  a.kind = FromName<Activity::Kind>(row.Next<std::string>()).value();
  a.subject = FromName<Activity::Subject>(row.Next<std::string>()).value();
  a.subject_id = row.Next<Uuid>();
  a.customer_id = row.Next<std::optional<Uuid>>();
  a.title = row.Next<std::string>();
  a.note = row.Next<std::string>();
  a.local_time = row.Next<std::string>();
  a.time_zone = row.Next<std::string>();
  a.start_time = row.Next<absl::Time>();
  a.duration_minutes = row.Next<int>();
  a.status = FromName<Activity::Status>(row.Next<std::string>()).value();
  a.outcome = row.Next<std::string>();
  a.met_decision_maker = row.Next<bool>();
  a.spent_minutes = row.Next<int>();
  a.cost = ReadMoney(row);
  a.complete_time = row.Next<std::optional<absl::Time>>();
  a.owner_id = row.Next<Uuid>();
  a.org_unit_id = row.Next<Uuid>();
  a.version = row.Next<std::int64_t>();
  a.create_time = row.Next<absl::Time>();
  a.update_time = row.Next<absl::Time>();
  return a;
}

}  // namespace

work::Tracked<Activity> ActivityStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<Activity> activities;
  if (ids.empty()) return activities;
  for (db::Row row : tx_.Query(kLoad, {ids})) activities.AddLoaded(ReadActivity(row));
  return activities;
}

std::vector<Activity> ActivityStore::List(const auth::Scope& scope, const ActivityFilter& filter,
                                          const Page& page) {
  std::vector<Activity> activities;
  const auto status = filter.status ? std::optional(Name(*filter.status)) : std::nullopt;
  for (db::Row row : tx_.Query(kList, {scope.owner(), filter.owner_id, filter.subject_id, status,
                                       TimeOf(page), IdOf(page), page.limit}))
    activities.push_back(ReadActivity(row));
  return activities;
}

bool ActivityStore::Save(const work::Tracked<Activity>& activities) {
  using A = Activity;
  if (const auto rows = activities.Added(); !rows.empty()) {
    const auto inserted = tx_.Query(
        kInsert,
        {Column(rows, &A::id), Column(rows, [](const A& a) { return Name(a.kind); }),
         Column(rows, [](const A& a) { return Name(a.subject); }), Column(rows, &A::subject_id),
         Column(rows, &A::customer_id), Column(rows, &A::title), Column(rows, &A::note),
         Column(rows, &A::local_time), Column(rows, &A::time_zone), Column(rows, &A::start_time),
         Column(rows, &A::duration_minutes), Column(rows, [](const A& a) { return Name(a.status); }),
         Column(rows, &A::owner_id), Column(rows, &A::org_unit_id), Column(rows, &A::version), tx_.now()});
    if (inserted.size() != static_cast<int>(rows.size())) return false;
  }
  const ChangedRows<A> changed(activities);
  const auto& rows = changed.rows;
  if (rows.empty()) return true;
  const auto updated = tx_.Query(
      kUpdate, {Column(rows, &A::id), Column(rows, [](const A& a) { return Name(a.status); }),
                Column(rows, &A::outcome), Column(rows, &A::met_decision_maker),
                Column(rows, &A::spent_minutes), Column(rows, [](const A& a) { return MinorOf(a.cost); }),
                Column(rows, [](const A& a) { return CurrencyOf(a.cost); }), Column(rows, &A::complete_time),
                Column(rows, &A::version), changed.loaded_versions, tx_.now()});
  return updated.size() == static_cast<int>(rows.size());
}

}  // namespace crm::opportunity
