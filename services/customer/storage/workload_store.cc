#include "services/customer/storage/workload_store.h"

#include <vector>

namespace crm::customer {
namespace {

constexpr db::Statement kLoadRoster{"load_roster", R"(
SELECT e.id, e.org_unit_id, e.manager_id, e.name, o.path, e.time_zone, e.state, w.capacity, w.open_leads, w.turn,
       w.last_assigned_time
  FROM employee e JOIN workload w ON w.employee_id = e.id JOIN org_unit o ON o.id = e.org_unit_id
 WHERE e.state <> 'TERMINATED' OR e.id = ANY($1::uuid[])
 ORDER BY e.id)"};

#define CRM_SOMEBODY_WAITS "EXISTS (SELECT 1 FROM lead WHERE waiting_since IS NOT NULL)"

// Whoever is given something must still be at work, have room, and not have been given anything since. All of
// it stands in the row itself: of a row it has waited for, an UPDATE sees what is true now, and of any other
// table only what was true when it began.
constexpr db::Statement kSave{"save_workloads", R"(
UPDATE workload w
   SET open_leads = w.open_leads + u.delta, turn = u.turn, last_assigned_time = COALESCE(u.assigned, w.last_assigned_time),
       ceiling = CASE WHEN u.taken THEN w.ceiling ELSE GREATEST(w.capacity, w.open_leads + u.delta) END
  FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::boolean[])
       AS u(employee_id, delta, loaded_turn, turn, assigned, taken)
 WHERE w.employee_id = u.employee_id AND w.turn = u.loaded_turn
   AND (u.delta <= 0 OR w.open_leads + u.delta <= w.capacity)
   AND (NOT u.taken OR w.active)
RETURNING $7::boolean AND )" CRM_SOMEBODY_WAITS};

constexpr db::Statement kRelease{"release_workloads", R"(
UPDATE workload w
   SET open_leads = w.open_leads - u.gone, ceiling = GREATEST(w.capacity, w.open_leads - u.gone)
  FROM unnest($1::uuid[], $2::int[]) AS u(employee_id, gone)
 WHERE w.employee_id = u.employee_id
RETURNING )" CRM_SOMEBODY_WAITS};

}  // namespace

Roster WorkloadStore::LoadRoster(const std::vector<Uuid>& also_terminated) {
  Roster roster;
  for (db::Row row : tx_.Query(kLoadRoster, {also_terminated})) {
    Seat seat;
    seat.employee_id = row.Next<Uuid>();
    seat.org_unit_id = row.Next<Uuid>();
    seat.manager_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
    seat.name = row.Next<std::string>();
    seat.org_path = row.Next<std::string>();
    seat.time_zone = row.Next<std::string>();
    seat.state = FromWord<EmployeeState>(row.Next<std::string>()).value();
    seat.capacity = row.Next<std::int64_t>();
    seat.open_leads = row.Next<std::int64_t>();
    seat.turn = row.Next<std::int64_t>();
    seat.last_assigned = row.Next<std::optional<absl::Time>>();
    roster.Add(std::move(seat));
  }
  return roster;
}

bool WorkloadStore::Save(const Roster& roster) {
  std::vector<Uuid> ids;
  std::vector<std::int64_t> deltas, loaded_turns, turns;
  std::vector<std::optional<absl::Time>> assigned;
  std::vector<bool> taken;
  bool freed = false;
  for (const Seat& seat : roster.seats()) {  // sorted by id, as locks are taken
    if (seat.open_leads == seat.loaded_open_leads && seat.turn == seat.loaded_turn) continue;
    ids.push_back(seat.employee_id);
    deltas.push_back(seat.open_leads - seat.loaded_open_leads);
    freed |= deltas.back() < 0;
    loaded_turns.push_back(seat.loaded_turn);
    turns.push_back(seat.turn);
    assigned.push_back(seat.last_assigned);
    taken.push_back(seat.turn != seat.loaded_turn);
  }
  if (ids.empty()) return true;
  const db::Rows saved = tx_.Query(kSave, {ids, deltas, loaded_turns, turns, assigned, taken, freed});
  for (db::Row row : saved) wanted_ = row.Next<bool>();
  return saved.size() == static_cast<int>(ids.size());
}

void WorkloadStore::Release(const std::map<Uuid, int>& left_by_owner) {
  std::vector<Uuid> ids;
  std::vector<int> left;
  for (const auto& [owner, count] : left_by_owner) {
    ids.push_back(owner);
    left.push_back(count);
  }
  if (ids.empty()) return;
  for (db::Row row : tx_.Query(kRelease, {ids, left})) wanted_ = row.Next<bool>();
}

}  // namespace crm::customer
