#include "services/customer/app/read_directory.h"

#include "absl/container/flat_hash_map.h"
#include "common/work/get.h"

namespace crm::customer {
namespace {

// The path of a unit that the caller sees; empty for nil.
absl::StatusOr<std::string> PathUnder(DirectoryStore& store, const work::Named& named,
                                      const work::Caller& caller) {
  const Uuid& id = named.id;
  if (id.nil()) return std::string();
  auto units = store.LoadOrgUnits({id});
  const OrgUnit* unit = work::FindVisible(units, id, caller, "org_unit:read");
  if (unit == nullptr) return errors::NotFound("org_unit", id.ToString(), named.field);
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
  for (const auto& request : requests) {
    const Uuid& id = request.command.id;
    const auto found = employees.find(id);
    if (!read.ok()) {
      answers.push_back(read);
    } else if (found != employees.end() &&
               work::Sees(request.caller, "employee:read",
                          {found->second.employee.owner_id, found->second.employee.org_unit_id})) {
      answers.push_back(found->second);
    } else {
      answers.push_back(errors::NotFound("employee", id.ToString()));
    }
  }
  return answers;
}

absl::StatusOr<std::vector<OrgUnit>> OrgUnitsUnder(db::Pool& pool,
                                                   const work::Request<ListOrgUnits>& request) {
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  const auto scope = auth::Scope::Of(*caller.principal, "org_unit:read");
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) -> absl::StatusOr<std::vector<OrgUnit>> {
    DirectoryStore store(tx);
    const auto path = PathUnder(store, {"under_id", query.under_id}, caller);
    if (!path.ok()) return path.status();
    return store.ListOrgUnits(scope, *path, query.after_path, query.limit);
  });
}

absl::StatusOr<std::vector<EmployeeView>> EmployeesUnder(db::Pool& pool,
                                                         const work::Request<ListEmployees>& request) {
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  const auto scope = auth::Scope::Of(*caller.principal, "employee:read");
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) -> absl::StatusOr<std::vector<EmployeeView>> {
    DirectoryStore store(tx);
    const auto path = PathUnder(store, {"under_org_unit_id", query.under_org_unit_id}, caller);
    if (!path.ok()) return path.status();
    return store.ListEmployees(scope, *path, query.state, query.after_name, query.after_id, query.limit);
  });
}

}  // namespace crm::customer
