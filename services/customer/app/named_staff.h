#pragma once
#include <vector>

#include "common/status/errors.h"
#include "services/customer/storage/directory_store.h"

namespace crm::customer {

// The employees and org units that commands name, to be told from those that there are not.
class NamedStaff {
 public:
  NamedStaff(db::Transaction& tx, const std::vector<Uuid>& employee_ids,
             const std::vector<Uuid>& org_unit_ids)
      : employees_(DirectoryStore(tx).LoadEmployees(employee_ids)),
        units_(DirectoryStore(tx).LoadOrgUnits(org_unit_ids)) {}

  // OK for nil. EMPLOYEE_NOT_FOUND, ORG_UNIT_NOT_FOUND.
  absl::Status CheckEmployee(const Uuid& id) {
    if (id.nil() || employees_.Find(id) != nullptr) return absl::OkStatus();
    return errors::NotFound(Employee::kAggregateType, id.ToString());
  }
  absl::Status CheckOrgUnit(const Uuid& id) {
    if (id.nil() || units_.Find(id) != nullptr) return absl::OkStatus();
    return errors::NotFound(OrgUnit::kAggregateType, id.ToString());
  }

 private:
  work::Tracked<Employee> employees_;
  work::Tracked<OrgUnit> units_;
};

}  // namespace crm::customer
