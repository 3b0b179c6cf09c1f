#include "services/customer/app/change_directory.h"

#include <map>

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/customer/app/lead_jobs.h"
#include "services/customer/storage/directory_store.h"

namespace crm::customer {
namespace {

// Names in use, those that this batch has just taken included.
class Names {
 public:
  void Add(const std::string& name, const Uuid& holder) {
    if (!name.empty()) holders_[name] = holder;
  }
  // OK, or who has it.
  absl::Status Take(std::string_view resource, std::string_view field, const std::string& name,
                    const Uuid& taker) {
    if (name.empty()) return absl::OkStatus();
    const auto [holder, is_free] = holders_.try_emplace(name, taker);
    if (is_free) return absl::OkStatus();
    return errors::AlreadyExists(resource, field, name, holder->second.ToString());
  }

 private:
  std::map<std::string, Uuid> holders_;
};

}  // namespace

std::vector<work::Outcome> CreateOrgUnits(work::UnitOfWork& work,
                                          absl::Span<const work::Request<CreateOrgUnit>> requests) {
  return work.Run<CreateOrgUnit>(requests, [](work::Batch<CreateOrgUnit>& batch, db::Transaction& tx) {
    DirectoryStore store(tx);
    auto parents =
        store.LoadOrgUnits(work::Gather(batch, [](const CreateOrgUnit& c) { return c.parent_id; }));
    Names external_ids;
    for (const auto& taken :
         store.FindTakenOrgUnits(work::Gather(batch, [](const CreateOrgUnit& c) { return c.external_id; })))
      external_ids.Add(taken.external_id, taken.id);

    work::Tracked<OrgUnit> created;
    for (auto& item : batch.items()) {
      const OrgUnit* parent = nullptr;
      if (!item->parent_id.nil()) {
        parent = work::Find(item, parents, {"org_unit.parent_id", item->parent_id}, "org_unit:read");
        if (parent == nullptr) continue;
      }
      const Uuid id = Uuid::New();
      if (absl::Status taken = external_ids.Take("org_unit", "org_unit.external_id", item->external_id, id);
          !taken.ok()) {
        item.Fail(std::move(taken));
        continue;
      }
      OrgUnit unit;
      unit.id = unit.org_unit_id = id;
      unit.parent_id = item->parent_id;
      unit.kind = item->kind;
      unit.name = item->name;
      unit.path = PathOf(parent, id);
      unit.external_id = item->external_id;
      unit.create_time = unit.update_time = batch.now();
      OrgUnit& added = created.AddNew(std::move(unit));
      item.Emit(added, OrgUnitChanged{added});
      item.Succeed(added);
    }
    batch.Guard(store.Save(created));
  });
}

std::vector<work::Outcome> CreateEmployees(work::UnitOfWork& work,
                                           absl::Span<const work::Request<CreateEmployee>> requests) {
  return work.Run<CreateEmployee>(requests, [](work::Batch<CreateEmployee>& batch, db::Transaction& tx) {
    DirectoryStore store(tx);
    auto units = store.LoadOrgUnits(
        work::Gather(batch, [](const CreateEmployee& c) { return c.employee.org_unit_id; }));
    auto managers = store.LoadEmployees(
        work::Gather(batch, [](const CreateEmployee& c) { return c.employee.manager_id; }));
    Names logins, external_ids;
    for (const auto& taken : store.FindTaken(
             work::Gather(batch, [](const CreateEmployee& c) { return c.employee.login; }),
             work::Gather(batch, [](const CreateEmployee& c) { return c.employee.external_id; }))) {
      logins.Add(taken.login, taken.id);
      external_ids.Add(taken.external_id, taken.id);
    }
    work::Tracked<Employee> created;
    for (auto& item : batch.items()) {
      Employee employee = item->employee;
      const bool unit_is =
          work::Find(item, units, {"employee.org_unit_id", employee.org_unit_id}, "org_unit:read");
      const bool manager_is =
          employee.manager_id.nil() ||
          work::Find(item, managers, {"employee.manager_id", employee.manager_id}, "employee:read");
      if (!unit_is || !manager_is) continue;
      employee.id = employee.owner_id = Uuid::New();
      absl::Status taken = logins.Take("employee", "employee.login", employee.login, employee.id);
      if (taken.ok())
        taken = external_ids.Take("employee", "employee.external_id", employee.external_id, employee.id);
      if (!taken.ok()) {
        item.Fail(std::move(taken));
        continue;
      }
      employee.create_time = employee.update_time = batch.now();
      Employee& added = created.AddNew(std::move(employee));
      item.Emit(added, EmployeeChanged{added});
      item.Schedule(RetryWaitingJob(batch.now()));
      item.Succeed(added);
    }
    batch.Guard(store.Save(created));
  });
}

std::vector<work::Outcome> UpdateEmployees(work::UnitOfWork& work,
                                           absl::Span<const work::Request<UpdateEmployee>> requests) {
  return work.Run<UpdateEmployee>(requests, [](work::Batch<UpdateEmployee>& batch, db::Transaction& tx) {
    DirectoryStore store(tx);
    auto units = store.LoadOrgUnits(
        work::Gather(batch, [](const UpdateEmployee& c) { return c.update.org_unit_id.value_or(Uuid()); }));
    auto ids = work::Gather(batch, [](const UpdateEmployee& c) { return c.id; });
    const auto managers =
        work::Gather(batch, [](const UpdateEmployee& c) { return c.update.manager_id.value_or(Uuid()); });
    ids.insert(ids.end(), managers.begin(), managers.end());
    auto employees = store.LoadEmployees(work::Distinct(std::move(ids)));

    for (auto& item : batch.items()) {
      // ChangeEmployeeState names the employee itself.
      const char* const named_by = item->update.state ? "id" : "employee.id";
      Employee* employee = work::Find(item, employees, {named_by, item->id}, "employee:update", item->etag);
      if (employee == nullptr) continue;
      const EmployeeUpdate& update = item->update;
      const bool unit_is =
          !update.org_unit_id ||
          work::Find(item, units, {"employee.org_unit_id", *update.org_unit_id}, "org_unit:read");
      const bool manager_is =
          !update.manager_id || update.manager_id->nil() ||
          work::Find(item, employees, {"employee.manager_id", *update.manager_id}, "employee:read");
      if (!unit_is || !manager_is) continue;
      const auto changed = Update(*employee, update);
      if (!changed.ok()) {
        item.Fail(changed.status());
        continue;
      }
      if (*changed) {
        const Employee before = *employee;
        Apply(*employee, **changed);
        employee->update_time = batch.now();
        item.Emit(*employee, EmployeeChanged{*employee});
        if (MayTakeMore(before, *employee)) item.Schedule(RetryWaitingJob(batch.now()));
      }
      item.Succeed(*employee);
    }
    batch.Guard(store.Save(employees));
  });
}

}  // namespace crm::customer
