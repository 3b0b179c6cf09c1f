#include "services/analytics/storage/receivable_store.h"

#include "common/db/columns.h"

namespace crm::analytics {
namespace {

using db::Column;

constexpr db::Statement kLoad{"load_receivables", R"(
SELECT id, owner_id, org_unit_id, owed, owed_day, last_day, version FROM receivable WHERE id = ANY($1::uuid[]))"};

constexpr db::Statement kLoadInstalments{"load_receivable_instalments", R"(
SELECT receivable_id, id, currency, amount_minor, paid_minor, due_day, early
  FROM receivable_instalment WHERE receivable_id = ANY($1::uuid[])
 ORDER BY receivable_id, id)"};

constexpr db::Statement kInsert{"insert_receivables", R"(
INSERT INTO receivable (id, owner_id, org_unit_id, owed, owed_day, last_day, version, create_time, update_time)
SELECT u.id, u.owner_id, u.org_unit_id, u.owed, u.owed_day, u.last_day, u.version, $8, $8
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::boolean[], $5::date[], $6::date[], $7::bigint[])
       AS u(id, owner_id, org_unit_id, owed, owed_day, last_day, version)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_receivables", R"(
UPDATE receivable r
   SET owner_id = u.owner_id, org_unit_id = u.org_unit_id, owed = u.owed, owed_day = u.owed_day,
       last_day = u.last_day, version = u.version, update_time = $8
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::boolean[], $5::date[], $6::date[], $7::bigint[], $9::bigint[])
       AS u(id, owner_id, org_unit_id, owed, owed_day, last_day, version, loaded_version)
 WHERE r.id = u.id AND r.version = u.loaded_version
RETURNING r.id)"};

constexpr db::Statement kSaveInstalments{"save_receivable_instalments", R"(
INSERT INTO receivable_instalment (receivable_id, id, currency, amount_minor, paid_minor, due_day, early)
SELECT u.receivable_id, u.id, u.currency, u.amount_minor, u.paid_minor, u.due_day, u.early
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::date[], $7::text[])
       AS u(receivable_id, id, currency, amount_minor, paid_minor, due_day, early)
ON CONFLICT (receivable_id, id) DO UPDATE
   SET currency = excluded.currency, amount_minor = excluded.amount_minor, paid_minor = excluded.paid_minor,
       due_day = excluded.due_day, early = excluded.early)"};

struct Columns {
  std::vector<Uuid> id, owner, org_unit;
  std::vector<bool> owed;
  std::vector<absl::CivilDay> owed_day, last_day;
  std::vector<std::int64_t> version;

  void Add(const Receivable& receivable) {
    id.push_back(receivable.id);
    owner.push_back(receivable.owner_id);
    org_unit.push_back(receivable.org_unit_id);
    owed.push_back(receivable.owed);
    owed_day.push_back(receivable.owed_day);
    last_day.push_back(receivable.last_day);
    version.push_back(receivable.version);
  }
};

}  // namespace

work::Tracked<Receivable> ReceivableStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<Receivable> receivables;
  if (ids.empty()) return receivables;
  for (db::Row row : tx_.Query(kLoad, {ids})) {
    Receivable receivable;
    receivable.id = row.Next<Uuid>();
    receivable.owner_id = row.Next<Uuid>();
    receivable.org_unit_id = row.Next<Uuid>();
    receivable.owed = row.Next<bool>();
    receivable.owed_day = row.Next<absl::CivilDay>();
    receivable.last_day = row.Next<absl::CivilDay>();
    receivable.version = row.Next<std::int64_t>();
    receivables.AddLoaded(std::move(receivable));
  }
  if (receivables.size() == 0) return receivables;
  for (db::Row row : tx_.Query(kLoadInstalments, {ids})) {
    Receivable* receivable = receivables.Find(row.Next<Uuid>());
    if (receivable == nullptr) continue;  // came between the two statements; its version will not match
    Instalment& instalment = receivable->instalments.emplace_back();
    instalment.id = row.Next<Uuid>();
    instalment.currency = row.Next<std::string>();
    instalment.amount_minor = row.Next<std::int64_t>();
    instalment.paid_minor = row.Next<std::int64_t>();
    instalment.due_day = row.Next<absl::CivilDay>();
    instalment.early = ParseEarly(row.Next<std::string>());
  }
  return receivables;
}

bool ReceivableStore::Save(const work::Tracked<Receivable>& receivables) {
  const auto added = receivables.Added();
  if (!added.empty()) {
    Columns c;
    for (const Receivable* receivable : added) c.Add(*receivable);
    const db::Rows inserted =
        tx_.Query(kInsert, {c.id, c.owner, c.org_unit, c.owed, c.owed_day, c.last_day, c.version, tx_.now()});
    if (inserted.size() != static_cast<int>(added.size())) return false;
    SaveInstalments(added);
  }
  const auto changed = receivables.Changed();
  if (changed.empty()) return true;
  Columns c;
  for (const auto* entry : changed) c.Add(entry->value);
  const db::Rows updated =
      tx_.Query(kUpdate, {c.id, c.owner, c.org_unit, c.owed, c.owed_day, c.last_day, c.version, tx_.now(),
                          Column(changed, [](const auto* entry) { return entry->loaded_version; })});
  if (updated.size() != static_cast<int>(changed.size())) return false;
  SaveInstalments(Column(changed, [](const auto* entry) { return &entry->value; }));
  return true;
}

void ReceivableStore::SaveInstalments(const std::vector<const Receivable*>& receivables) {
  std::vector<Uuid> receivable_id, id;
  std::vector<std::string> currency, early;
  std::vector<absl::CivilDay> due_day;
  std::vector<std::int64_t> amount, paid;
  for (const Receivable* receivable : receivables) {
    for (const Instalment& instalment : receivable->instalments) {
      receivable_id.push_back(receivable->id);
      id.push_back(instalment.id);
      currency.push_back(instalment.currency);
      amount.push_back(instalment.amount_minor);
      paid.push_back(instalment.paid_minor);
      due_day.push_back(instalment.due_day);
      early.push_back(EarlyText(instalment.early));
    }
  }
  if (!id.empty()) tx_.Query(kSaveInstalments, {receivable_id, id, currency, amount, paid, due_day, early});
}

}  // namespace crm::analytics
