#include "services/customer/storage/directory_store.h"

#include "services/customer/storage/columns.h"

namespace crm::customer {
namespace {

#define CRM_ORG_UNIT_COLUMNS \
  "o.id, o.version, o.parent_id, o.kind, o.name, o.path, o.external_id, o.create_time, o.update_time"
#define CRM_EMPLOYEE_COLUMNS                                                                         \
  "e.id, e.version, e.org_unit_id, e.manager_id, e.name, e.login, e.email, e.external_id, e.state, " \
  "e.roles, "                                                                                        \
  "e.time_zone, e.capacity, e.create_time, e.update_time, w.open_leads"

constexpr db::Statement kGetOrgUnits{
    "get_org_units", "SELECT " CRM_ORG_UNIT_COLUMNS " FROM org_unit o WHERE o.id = ANY($1::uuid[])"};
constexpr db::Statement kListOrgUnits{"list_org_units", "SELECT " CRM_ORG_UNIT_COLUMNS R"(
  FROM org_unit o
 WHERE o.path > $1 AND o.path >= $2 AND o.path < $3 AND ($5::uuid IS NULL OR o.owner_id = $5)
 ORDER BY o.path LIMIT $4)"};
constexpr db::Statement kTakenOrgUnits{
    "find_taken_org_units",
    "SELECT '', external_id, id FROM org_unit WHERE external_id = ANY($1::text[]) AND external_id <> ''"};
constexpr db::Statement kInsertOrgUnits{"insert_org_units", R"(
INSERT INTO org_unit (id, version, org_unit_id, parent_id, kind, name, path, external_id, create_time, update_time)
SELECT u.id, u.version, u.id, u.parent_id, u.kind, u.name, u.path, u.external_id, $8, $8
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
       AS u(id, version, parent_id, kind, name, path, external_id)
ON CONFLICT DO NOTHING RETURNING id)"};

constexpr db::Statement kGetEmployees{"get_employees", "SELECT " CRM_EMPLOYEE_COLUMNS R"(
  FROM employee e JOIN workload w ON w.employee_id = e.id WHERE e.id = ANY($1::uuid[]))"};
constexpr db::Statement kListEmployees{"list_employees", "SELECT " CRM_EMPLOYEE_COLUMNS R"(
  FROM employee e JOIN workload w ON w.employee_id = e.id JOIN org_unit o ON o.id = e.org_unit_id
 WHERE (e.name, e.id) > ($1, $2) AND o.path >= $3 AND o.path < $4 AND ($5::text IS NULL OR e.state = $5)
   AND ($7::uuid IS NULL OR e.owner_id = $7)
 ORDER BY e.name, e.id LIMIT $6)"};
constexpr db::Statement kTakenEmployees{"find_taken_employees", R"(
SELECT login, external_id, id FROM employee
 WHERE login = ANY($1::text[]) OR (external_id = ANY($2::text[]) AND external_id <> ''))"};
constexpr db::Statement kInsertEmployees{"insert_employees", R"(
WITH e AS (
  INSERT INTO employee (id, version, owner_id, org_unit_id, manager_id, name, login, email, external_id, state, roles,
                        time_zone, capacity, create_time, update_time)
  SELECT u.id, u.version, u.id, u.org_unit_id, u.manager_id, u.name, u.login, u.email, u.external_id, u.state,
         string_to_array(u.roles, chr(31)), u.time_zone, u.capacity, $13, $13
    FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::text[], $12::int[])
         AS u(id, version, org_unit_id, manager_id, name, login, email, external_id, state, roles, time_zone, capacity)
  ON CONFLICT DO NOTHING RETURNING id, capacity, state)
INSERT INTO workload (employee_id, active, capacity, ceiling, open_leads, turn)
SELECT e.id, e.state = 'ACTIVE', e.capacity, e.capacity, 0, 0 FROM e RETURNING employee_id)"};
constexpr db::Statement kUpdateEmployees{"update_employees", R"(
WITH e AS (
  UPDATE employee e
     SET version = u.version, org_unit_id = u.org_unit_id, manager_id = u.manager_id, name = u.name, email = u.email,
         state = u.state, roles = string_to_array(u.roles, chr(31)), time_zone = u.time_zone, capacity = u.capacity,
         update_time = $11
    FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::text[], $10::int[], $12::bigint[])
         AS u(id, version, org_unit_id, manager_id, name, email, state, roles, time_zone, capacity, loaded_version)
   WHERE e.id = u.id AND e.version = u.loaded_version RETURNING e.id, e.capacity, e.state)
UPDATE workload w
   SET active = e.state = 'ACTIVE', capacity = e.capacity, ceiling = GREATEST(e.capacity, w.open_leads)
  FROM e WHERE w.employee_id = e.id RETURNING w.employee_id)"};

OrgUnit ReadOrgUnit(db::Row& row) {
  OrgUnit unit;
  unit.id = unit.org_unit_id = row.Next<Uuid>();
  unit.version = row.Next<std::int64_t>();
  unit.parent_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
  unit.kind = FromWord<OrgUnitKind>(row.Next<std::string>()).value();
  unit.name = row.Next<std::string>();
  unit.path = row.Next<std::string>();
  unit.external_id = row.Next<std::string>();
  unit.create_time = row.Next<absl::Time>();
  unit.update_time = row.Next<absl::Time>();
  return unit;
}

EmployeeView ReadEmployee(db::Row& row) {
  EmployeeView view;
  Employee& employee = view.employee;
  employee.id = employee.owner_id = row.Next<Uuid>();
  employee.version = row.Next<std::int64_t>();
  employee.org_unit_id = row.Next<Uuid>();
  employee.manager_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
  employee.name = row.Next<std::string>();
  employee.login = row.Next<std::string>();
  employee.email = row.Next<std::string>();
  employee.external_id = row.Next<std::string>();
  employee.state = FromWord<EmployeeState>(row.Next<std::string>()).value();
  employee.roles = row.Next<std::vector<std::string>>();
  employee.time_zone = row.Next<std::string>();
  employee.capacity = row.Next<int>();
  employee.create_time = row.Next<absl::Time>();
  employee.update_time = row.Next<absl::Time>();
  view.open_leads = row.Next<int>();
  return view;
}

std::vector<DirectoryStore::Taken> ReadTaken(const db::Rows& rows) {
  std::vector<DirectoryStore::Taken> taken;
  for (db::Row row : rows) {
    DirectoryStore::Taken& one = taken.emplace_back();
    one.login = row.Next<std::string>();
    one.external_id = row.Next<std::string>();
    one.id = row.Next<Uuid>();
  }
  return taken;
}

// Behind every path that begins with `prefix`.
std::string EndOf(const std::string& prefix) { return prefix + '\x7f'; }

}  // namespace

std::vector<OrgUnit> DirectoryStore::GetOrgUnits(const std::vector<Uuid>& ids) {
  std::vector<OrgUnit> units;
  if (ids.empty()) return units;
  for (db::Row row : tx_.Query(kGetOrgUnits, {ids})) units.push_back(ReadOrgUnit(row));
  return units;
}

work::Tracked<OrgUnit> DirectoryStore::LoadOrgUnits(const std::vector<Uuid>& ids) {
  work::Tracked<OrgUnit> units;
  for (OrgUnit& unit : GetOrgUnits(ids)) units.AddLoaded(std::move(unit));
  return units;
}

std::vector<EmployeeView> DirectoryStore::GetEmployees(const std::vector<Uuid>& ids) {
  std::vector<EmployeeView> employees;
  if (ids.empty()) return employees;
  for (db::Row row : tx_.Query(kGetEmployees, {ids})) employees.push_back(ReadEmployee(row));
  return employees;
}

work::Tracked<Employee> DirectoryStore::LoadEmployees(const std::vector<Uuid>& ids) {
  work::Tracked<Employee> employees;
  for (EmployeeView& view : GetEmployees(ids)) employees.AddLoaded(std::move(view.employee));
  return employees;
}

std::vector<DirectoryStore::Taken> DirectoryStore::FindTaken(const std::vector<std::string>& logins,
                                                             const std::vector<std::string>& external_ids) {
  return ReadTaken(tx_.Query(kTakenEmployees, {logins, external_ids}));
}

std::vector<DirectoryStore::Taken> DirectoryStore::FindTakenOrgUnits(
    const std::vector<std::string>& external_ids) {
  if (external_ids.empty()) return {};
  return ReadTaken(tx_.Query(kTakenOrgUnits, {external_ids}));
}

bool DirectoryStore::Save(const work::Tracked<OrgUnit>& org_units) {
  const std::vector<const OrgUnit*> rows = org_units.Added();
  if (rows.empty()) return true;
  using O = OrgUnit;
  return tx_.Query(kInsertOrgUnits, {Column(rows, [](const O& o) { return o.id; }),
                                     Column(rows, [](const O& o) { return o.version; }),
                                     Column(rows, [](const O& o) { return NullIfNil(o.parent_id); }),
                                     Column(rows, [](const O& o) { return Word(o.kind); }),
                                     Column(rows, [](const O& o) { return o.name; }),
                                     Column(rows, [](const O& o) { return o.path; }),
                                     Column(rows, [](const O& o) { return o.external_id; }), tx_.now()})
             .size() == static_cast<int>(rows.size());
}

bool DirectoryStore::Save(const work::Tracked<Employee>& employees) {
  using E = Employee;
  const auto roles = [](const E& e) { return Packed(e.roles); };
  if (const std::vector<const E*> rows = employees.Added(); !rows.empty()) {
    const db::Rows saved = tx_.Query(
        kInsertEmployees,
        {Column(rows, [](const E& e) { return e.id; }), Column(rows, [](const E& e) { return e.version; }),
         Column(rows, [](const E& e) { return e.org_unit_id; }),
         Column(rows, [](const E& e) { return NullIfNil(e.manager_id); }),
         Column(rows, [](const E& e) { return e.name; }), Column(rows, [](const E& e) { return e.login; }),
         Column(rows, [](const E& e) { return e.email; }),
         Column(rows, [](const E& e) { return e.external_id; }),
         Column(rows, [](const E& e) { return Word(e.state); }), Column(rows, roles),
         Column(rows, [](const E& e) { return e.time_zone; }),
         Column(rows, [](const E& e) { return e.capacity; }), tx_.now()});
    if (saved.size() != static_cast<int>(rows.size())) return false;
  }
  const ChangedRows<E> changed(employees);
  const auto& rows = changed.rows;
  if (rows.empty()) return true;
  return tx_.Query(kUpdateEmployees,
                   {Column(rows, [](const E& e) { return e.id; }),
                    Column(rows, [](const E& e) { return e.version; }),
                    Column(rows, [](const E& e) { return e.org_unit_id; }),
                    Column(rows, [](const E& e) { return NullIfNil(e.manager_id); }),
                    Column(rows, [](const E& e) { return e.name; }),
                    Column(rows, [](const E& e) { return e.email; }),
                    Column(rows, [](const E& e) { return Word(e.state); }), Column(rows, roles),
                    Column(rows, [](const E& e) { return e.time_zone; }),
                    Column(rows, [](const E& e) { return e.capacity; }), tx_.now(), changed.loaded_versions})
             .size() == static_cast<int>(rows.size());
}

std::vector<OrgUnit> DirectoryStore::ListOrgUnits(const auth::Scope& scope, const std::string& under_path,
                                                  const std::string& after_path, int limit) {
  std::vector<OrgUnit> units;
  for (db::Row row :
       tx_.Query(kListOrgUnits, {after_path, under_path, EndOf(under_path), limit, scope.owner()}))
    units.push_back(ReadOrgUnit(row));
  return units;
}

std::vector<EmployeeView> DirectoryStore::ListEmployees(const auth::Scope& scope,
                                                        const std::string& under_path,
                                                        std::optional<EmployeeState> state,
                                                        const std::string& after_name, const Uuid& after_id,
                                                        int limit) {
  std::vector<EmployeeView> employees;
  const auto word = state ? std::optional(Word(*state)) : std::nullopt;
  for (db::Row row : tx_.Query(
           kListEmployees, {after_name, after_id, under_path, EndOf(under_path), word, limit, scope.owner()}))
    employees.push_back(ReadEmployee(row));
  return employees;
}

}  // namespace crm::customer
