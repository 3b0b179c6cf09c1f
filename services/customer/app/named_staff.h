#pragma once
#include <vector>

#include "common/work/find.h"
#include "services/customer/storage/directory_store.h"

namespace crm::customer {

// The employees and org units that commands name, to be told from those that there are not.
class NamedStaff {
 public:
  NamedStaff(db::Transaction& tx, const std::vector<Uuid>& employee_ids,
             const std::vector<Uuid>& org_unit_ids)
      : employees_(DirectoryStore(tx).LoadEmployees(employee_ids)),
        units_(DirectoryStore(tx).LoadOrgUnits(org_unit_ids)) {}

  // False when there is none or the caller may not see it: the item has failed with EMPLOYEE_NOT_FOUND,
  // ORG_UNIT_NOT_FOUND.
  template <class Item>
  bool KnowsEmployee(Item& item, const work::Named& named) {
    return work::Find(item, employees_, named, "employee:read") != nullptr;
  }
  template <class Item>
  bool KnowsOrgUnit(Item& item, const work::Named& named) {
    return work::Find(item, units_, named, "org_unit:read") != nullptr;
  }

 private:
  work::Tracked<Employee> employees_;
  work::Tracked<OrgUnit> units_;
};

}  // namespace crm::customer
