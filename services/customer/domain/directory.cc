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
  return absl::StrCat(parent == nullptr ? "/" : parent->path, id.ToString(), "/");
}

absl::StatusOr<std::optional<EmployeeChanged>> Update(const Employee& employee, const EmployeeUpdate& update) {
  EmployeeChanged event{employee, employee.state};
  Employee& changed = event.employee;
  const bool state_moved = Take(changed.state, update.state);
  bool other = Take(changed.name, update.name);
  other |= Take(changed.email, update.email);
  other |= Take(changed.time_zone, update.time_zone);
  other |= Take(changed.org_unit_id, update.org_unit_id);
  other |= Take(changed.manager_id, update.manager_id);
  other |= Take(changed.roles, update.roles);
  other |= Take(changed.capacity, update.capacity);
  if (other && changed.state == EmployeeState::kTerminated && !state_moved)
    return errors::FailedPrecondition(
        "EMPLOYEE_TERMINATED",
        absl::StrCat(employee.name, " has left; reinstate the employee before changing anything else"),
        {{"employee", employee.id.ToString()}});
  if (!other && !state_moved) return std::nullopt;
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
