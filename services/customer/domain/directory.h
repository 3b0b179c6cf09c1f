#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/customer/domain/words.h"

// The enterprise: organisation units, employees, roles. Pure: no I/O, no clock.
namespace crm::customer {

enum class OrgUnitKind { kHeadquarters, kBranch, kDepartment, kTeam, kPartner };
enum class EmployeeState { kActive, kOnLeave, kTerminated };

template <>
struct Words<OrgUnitKind> {
  static constexpr std::string_view kAll[] = {"HEADQUARTERS", "BRANCH", "DEPARTMENT", "TEAM", "PARTNER"};
};
template <>
struct Words<EmployeeState> {
  static constexpr std::string_view kAll[] = {"ACTIVE", "ON_LEAVE", "TERMINATED"};
};

struct OrgUnit {
  static constexpr std::string_view kAggregateType = "org_unit";
  Uuid id;
  std::int64_t version = 0;
  Uuid parent_id;              // nil: the root
  Uuid owner_id, org_unit_id;  // nobody, and itself
  OrgUnitKind kind = OrgUnitKind::kTeam;
  std::string name;
  std::string path;  // of ids, "a/b/": everything below is one prefix
  std::string external_id;
  absl::Time create_time, update_time;
};

// The path of a unit under `parent` (null: the root).
std::string PathOf(const OrgUnit* parent, const Uuid& id);

struct Employee {
  static constexpr std::string_view kAggregateType = "employee";
  Uuid id;
  std::int64_t version = 0;
  Uuid owner_id;  // himself
  Uuid org_unit_id;
  Uuid manager_id;  // nil: none
  std::string name, login, email, external_id;
  EmployeeState state = EmployeeState::kActive;
  std::vector<std::string> roles;
  std::string time_zone;  // IANA; empty = UTC
  int capacity = 0;       // how many open leads
  absl::Time create_time, update_time;
};

struct OrgUnitChanged {
  OrgUnit org_unit;
};
struct EmployeeChanged {
  Employee employee;
};

// What an update gives; what is empty stays.
struct EmployeeUpdate {
  std::optional<std::string> name, email, time_zone;
  std::optional<Uuid> org_unit_id, manager_id;
  std::optional<EmployeeState> state;
  std::optional<std::vector<std::string>> roles;
  std::optional<int> capacity;
};

// Empty when nothing would change. Fails with ILLEGAL_STATE_MOVE for one who has left and would come back.
absl::StatusOr<std::optional<EmployeeChanged>> Update(const Employee& employee, const EmployeeUpdate& update);
void Apply(Employee& employee, const EmployeeChanged& event);

// Whether the change may let a waiting lead find somebody.
bool MayTakeMore(const Employee& before, const Employee& after);

}  // namespace crm::customer
