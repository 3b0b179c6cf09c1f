#include "services/customer/app/read_directory.h"

#include "absl/container/flat_hash_map.h"
#include "common/work/get.h"

namespace crm::customer {
namespace {

// The path of a unit that the caller sees; empty for nil.
absl::StatusOr<std::string> PathUnder(DirectoryStore& store, const Uuid& id, const work::Caller& caller) {
  if (id.nil()) return std::string();
  auto units = store.LoadOrgUnits({id});
  const OrgUnit* unit = work::FindVisible(units, id, caller, "org_unit:read");
  if (unit == nullptr) return errors::NotFound("org_unit", id.ToString());
  return unit->path;
}

}  // namespace

std::vector<absl::StatusOr<OrgUnit>> GetOrgUnits(db::Pool& pool,
                                                 absl::Span<const work::Request<GetOrgUnit>> requests) {
  return work::GetVisible<OrgUnit>(pool, requests, "org_unit:read", [](db::Transaction& tx, const auto& ids) {
    return DirectoryStore(tx).LoadOrgUnits(ids);
  });
}

std::vector<absl::StatusOr<EmployeeView>> GetEmployees(
    db::Pool& pool, absl::Span<const work::Request<GetEmployee>> requests) {
  std::vector<Uuid> ids;
  for (const auto& request : requests) ids.push_back(request.command.id);
  ids = work::Distinct(std::move(ids));
  absl::flat_hash_map<Uuid, EmployeeView> employees;
  const absl::Status read = db::RunStatements(pool, work::LatestDeadline(requests), [&](db::Transaction& tx) {
    employees.clear();
    for (EmployeeView& view : DirectoryStore(tx).GetEmployees(ids))
      employees.emplace(view.employee.id, std::move(view));
    return absl::OkStatus();
  });
  std::vector<absl::StatusOr<EmployeeView>> answers;
  for (const auto& [caller, query, once] : requests) {
    const auto found = employees.find(query.id);
    if (!read.ok()) {
      answers.push_back(read);
    } else if (found != employees.end() &&
               work::Sees(caller, "employee:read",
                          {found->second.employee.owner_id, found->second.employee.org_unit_id})) {
      answers.push_back(found->second);
    } else {
      answers.push_back(errors::NotFound("employee", query.id.ToString()));
    }
  }
  return answers;
}

absl::StatusOr<std::vector<OrgUnit>> OrgUnitsUnder(db::Pool& pool,
                                                   const work::Request<ListOrgUnits>& request) {
  const auto& [caller, query, once] = request;
  const auto scope = auth::Scope::Of(*caller.principal, "org_unit:read");
  std::vector<OrgUnit> units;
  const absl::Status read = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    DirectoryStore store(tx);
    const auto path = PathUnder(store, query.under_id, caller);
    if (path.ok()) units = store.ListOrgUnits(scope, *path, query.after_path, query.limit);
    return path.status();
  });
  if (!read.ok()) return read;
  return units;
}

absl::StatusOr<std::vector<EmployeeView>> EmployeesUnder(db::Pool& pool,
                                                         const work::Request<ListEmployees>& request) {
  const auto& [caller, query, once] = request;
  const auto scope = auth::Scope::Of(*caller.principal, "employee:read");
  std::vector<EmployeeView> employees;
  const absl::Status read = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    DirectoryStore store(tx);
    const auto path = PathUnder(store, query.under_org_unit_id, caller);
    if (path.ok())
      employees =
          store.ListEmployees(scope, *path, query.state, query.after_name, query.after_id, query.limit);
    return path.status();
  });
  if (!read.ok()) return read;
  return employees;
}

}  // namespace crm::customer
