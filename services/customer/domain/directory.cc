#include "services/customer/domain/directory.h"

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"

namespace crm::customer {
namespace {

template <class Field>
bool Take(Field& field, const std::optional<Field>& given) {
  if (!given || *given == field) return false;
  field = *given;
  return true;
}

}  // namespace

std::string PathOf(const OrgUnit* parent, const Uuid& id) {
  return absl::StrCat(parent == nullptr ? "" : parent->path, id.ToString(), "/");
}

absl::StatusOr<std::optional<EmployeeChanged>> Update(const Employee& employee,
                                                      const EmployeeUpdate& update) {
  if (employee.state == EmployeeState::kTerminated && update.state && *update.state != employee.state)
    return errors::IllegalMove("employee", "state", Word(employee.state), Word(*update.state),
                               "somebody who comes back is a new employee");
  EmployeeChanged event{employee};
  Employee& changed = event.employee;
  bool any = Take(changed.state, update.state);
  any |= Take(changed.name, update.name);
  any |= Take(changed.email, update.email);
  any |= Take(changed.time_zone, update.time_zone);
  any |= Take(changed.org_unit_id, update.org_unit_id);
  any |= Take(changed.manager_id, update.manager_id);
  any |= Take(changed.roles, update.roles);
  any |= Take(changed.capacity, update.capacity);
  if (!any) return std::nullopt;
  return event;
}

void Apply(Employee& employee, const EmployeeChanged& event) {
  const std::int64_t version = employee.version;
  employee = event.employee;
  employee.version = version;
}

bool MayTakeMore(const Employee& before, const Employee& after) {
  if (after.state != EmployeeState::kActive) return false;
  return before.state != EmployeeState::kActive || after.capacity > before.capacity ||
         before.org_unit_id != after.org_unit_id || before.roles != after.roles;
}

}  // namespace crm::customer
