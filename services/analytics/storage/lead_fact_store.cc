#include "services/analytics/storage/lead_fact_store.h"

#include "common/db/columns.h"

namespace crm::analytics {
namespace {

using db::Column;

constexpr db::Statement kLoad{"load_lead_facts", R"(
SELECT id, owner_id, org_unit_id, captured, source, state, captured_day, qualified, wins, version
  FROM lead_fact WHERE id = ANY($1::uuid[]))"};

constexpr db::Statement kInsert{"insert_lead_facts", R"(
INSERT INTO lead_fact (id, owner_id, org_unit_id, captured, source, state, captured_day, qualified, wins, version,
                       create_time, update_time)
SELECT u.id, u.owner_id, u.org_unit_id, u.captured, u.source, u.state, u.captured_day, u.qualified, u.wins, u.version,
       $11, $11
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::boolean[], $5::text[], $6::text[], $7::date[], $8::boolean[],
              $9::bigint[], $10::bigint[])
       AS u(id, owner_id, org_unit_id, captured, source, state, captured_day, qualified, wins, version)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_lead_facts", R"(
UPDATE lead_fact f
   SET owner_id = u.owner_id, org_unit_id = u.org_unit_id, captured = u.captured, source = u.source, state = u.state,
       captured_day = u.captured_day, qualified = u.qualified, wins = u.wins, version = u.version, update_time = $11
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::boolean[], $5::text[], $6::text[], $7::date[], $8::boolean[],
              $9::bigint[], $10::bigint[], $12::bigint[])
       AS u(id, owner_id, org_unit_id, captured, source, state, captured_day, qualified, wins, version, loaded_version)
 WHERE f.id = u.id AND f.version = u.loaded_version
RETURNING f.id)"};

struct Columns {
  std::vector<Uuid> id, owner, org_unit;
  std::vector<std::string> source, state;
  std::vector<absl::CivilDay> day;
  std::vector<bool> captured, qualified;
  std::vector<std::int64_t> wins, version;

  void Add(const LeadFact& fact) {
    id.push_back(fact.id);
    owner.push_back(fact.owner_id);
    org_unit.push_back(fact.org_unit_id);
    captured.push_back(fact.captured);
    source.push_back(fact.source);
    state.push_back(fact.state);
    day.push_back(fact.captured_day);
    qualified.push_back(fact.qualified);
    wins.push_back(fact.wins);
    version.push_back(fact.version);
  }
};

}  // namespace

work::Tracked<LeadFact> LeadFactStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<LeadFact> facts;
  if (ids.empty()) return facts;
  for (db::Row row : tx_.Query(kLoad, {ids})) {
    LeadFact fact;
    fact.id = row.Next<Uuid>();
    fact.owner_id = row.Next<Uuid>();
    fact.org_unit_id = row.Next<Uuid>();
    fact.captured = row.Next<bool>();
    fact.source = row.Next<std::string>();
    fact.state = row.Next<std::string>();
    fact.captured_day = row.Next<absl::CivilDay>();
    fact.qualified = row.Next<bool>();
    fact.wins = row.Next<std::int64_t>();
    fact.version = row.Next<std::int64_t>();
    facts.AddLoaded(std::move(fact));
  }
  return facts;
}

bool LeadFactStore::Save(const work::Tracked<LeadFact>& facts) {
  const auto added = facts.Added();
  if (!added.empty()) {
    Columns c;
    for (const LeadFact* fact : added) c.Add(*fact);
    const db::Rows inserted = tx_.Query(kInsert, {c.id, c.owner, c.org_unit, c.captured, c.source, c.state,
                                                  c.day, c.qualified, c.wins, c.version, tx_.now()});
    if (inserted.size() != static_cast<int>(added.size())) return false;
  }
  const auto changed = facts.Changed();
  if (changed.empty()) return true;
  Columns c;
  for (const auto* entry : changed) c.Add(entry->value);
  const db::Rows updated =
      tx_.Query(kUpdate, {c.id, c.owner, c.org_unit, c.captured, c.source, c.state, c.day, c.qualified,
                          c.wins, c.version, tx_.now(),
                          Column(changed, [](const auto* entry) { return entry->loaded_version; })});
  return updated.size() == static_cast<int>(changed.size());
}

}  // namespace crm::analytics
