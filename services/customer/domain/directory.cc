#include "services/customer/domain/directory.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"

namespace crm::customer {
namespace {

constexpr std::array<std::pair<OrgUnitKind, std::string_view>, 5> kKinds = {{
    {OrgUnitKind::kHeadquarters, "HEADQUARTERS"},
    {OrgUnitKind::kBranch, "BRANCH"},
    {OrgUnitKind::kDepartment, "DEPARTMENT"},
    {OrgUnitKind::kTeam, "TEAM"},
    {OrgUnitKind::kPartner, "PARTNER"},
}};
constexpr std::array<std::pair<EmployeeState, std::string_view>, 3> kStates = {{
    {EmployeeState::kActive, "ACTIVE"},
    {EmployeeState::kOnLeave, "ON_LEAVE"},
    {EmployeeState::kTerminated, "TERMINATED"},
}};

template <class Field>
bool Take(Field& field, const std::optional<Field>& given) {
  if (!given || *given == field) return false;
  field = *given;
  return true;
}

}  // namespace

std::string_view Name(OrgUnitKind kind) {
  for (const auto& [known, name] : kKinds)
    if (known == kind) return name;
  return "";
}
std::string_view Name(EmployeeState state) {
  for (const auto& [known, name] : kStates)
    if (known == state) return name;
  return "";
}
std::optional<OrgUnitKind> ParseOrgUnitKind(std::string_view text) {
  for (const auto& [kind, name] : kKinds)
    if (name == text) return kind;
  return std::nullopt;
}
std::optional<EmployeeState> ParseEmployeeState(std::string_view text) {
  for (const auto& [state, name] : kStates)
    if (name == text) return state;
  return std::nullopt;
}

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
