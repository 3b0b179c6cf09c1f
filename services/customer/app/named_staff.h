#pragma once
#include <vector>

#include "common/status/errors.h"
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

  // True for nil. False: the item has failed with EMPLOYEE_NOT_FOUND, ORG_UNIT_NOT_FOUND.
  template <class Item>
  bool KnowsEmployee(Item& item, const work::Named& named) {
    return Knows(item, employees_, named);
  }
  template <class Item>
  bool KnowsOrgUnit(Item& item, const work::Named& named) {
    return Knows(item, units_, named);
  }

 private:
  template <class Item, class Aggregate>
  static bool Knows(Item& item, work::Tracked<Aggregate>& loaded, const work::Named& named) {
    if (named.id.nil() || loaded.Find(named.id) != nullptr) return true;
    item.Fail(errors::NotFound(Aggregate::kAggregateType, named.id.ToString(), named.field));
    return false;
  }

  work::Tracked<Employee> employees_;
  work::Tracked<OrgUnit> units_;
};

}  // namespace crm::customer
