#include "services/customer/rpc/directory_converters.h"

#include "absl/strings/ascii.h"
#include "common/base/text.h"
#include "common/base/time_zone.h"

namespace crm::customer {
namespace {

using rpc::Fields;
using rpc::ToTimestamp;

constexpr int kMaxCapacity = 1'000'000;

std::string OrEmpty(const Uuid& id) { return id.nil() ? "" : id.ToString(); }

std::string TimeZone(const std::string& given, Fields& fields) {
  std::string name = fields.Line("employee.time_zone", given, 100);
  if (!name.empty() && !IsTimeZone(name))
    fields.Add("employee.time_zone", "UNKNOWN_VALUE", "must be an IANA time zone such as Asia/Shanghai");
  return name;
}

std::string Email(const std::string& given, Fields& fields) {
  const std::string line = fields.Line("employee.email", given, 320);
  if (line.empty()) return line;
  const auto email = text::Email(line);
  if (!email) fields.Add("employee.email", "MALFORMED", "must be an e-mail address");
  return email.value_or("");
}

int Capacity(int given, Fields& fields) {
  if (given < 0) fields.Add("employee.capacity", "NEGATIVE", "must be 0 to 1000000");
  if (given > kMaxCapacity) fields.Add("employee.capacity", "OUT_OF_RANGE", "must be 0 to 1000000");
  return given;
}

}  // namespace

absl::StatusOr<CreateOrgUnit> ToCreateOrgUnit(const directory::CreateOrgUnitRequest& request) {
  Fields fields;
  const directory::OrgUnit& unit = request.org_unit();
  CreateOrgUnit command;
  command.parent_id = fields.OptionalId("org_unit.parent_id", unit.parent_id());
  command.name = fields.Line("org_unit.name", unit.name(), 200, 1);
  command.external_id = fields.Line("org_unit.external_id", unit.external_id(), 200);
  if (fields.Enum("org_unit.kind", unit.kind(), directory::OrgUnitKind_IsValid(unit.kind()), true))
    command.kind = static_cast<OrgUnitKind>(unit.kind() - 1);
  const bool is_root = unit.kind() == directory::ORG_UNIT_KIND_HEADQUARTERS;
  if (unit.parent_id().empty() && !is_root)
    fields.Add("org_unit.parent_id", "REQUIRED", "only the headquarters has no unit above it");
  if (!unit.parent_id().empty() && is_root)
    fields.Add("org_unit.parent_id", "NOT_ALLOWED", "the headquarters has no unit above it");
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<CreateEmployee> ToCreateEmployee(const directory::CreateEmployeeRequest& request) {
  Fields fields;
  const directory::Employee& given = request.employee();
  CreateEmployee command;
  Employee& employee = command.employee;
  employee.name = fields.Line("employee.name", given.name(), 200, 1);
  employee.login = absl::AsciiStrToLower(fields.Line("employee.login", given.login(), 100, 1));
  employee.org_unit_id = fields.Id("employee.org_unit_id", given.org_unit_id());
  employee.manager_id = fields.OptionalId("employee.manager_id", given.manager_id());
  employee.capacity = Capacity(given.capacity(), fields);
  employee.roles = fields.Lines("employee.roles", given.roles(), 20, 100);
  employee.time_zone = TimeZone(given.time_zone(), fields);
  employee.external_id = fields.Line("employee.external_id", given.external_id(), 200);
  employee.email = Email(given.email(), fields);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<UpdateEmployee> ToUpdateEmployee(const directory::UpdateEmployeeRequest& request) {
  Fields fields;
  const directory::Employee& given = request.employee();
  UpdateEmployee command;
  command.id = fields.Id("employee.id", given.id());
  command.etag = fields.Etag("employee.etag", given.etag());
  const auto paths =
      fields.Mask("update_mask", request.update_mask(),
                  {"name", "org_unit_id", "manager_id", "capacity", "roles", "time_zone", "email"});
  EmployeeUpdate& update = command.update;
  if (paths.contains("name")) update.name = fields.Line("employee.name", given.name(), 200, 1);
  if (paths.contains("org_unit_id"))
    update.org_unit_id = fields.Id("employee.org_unit_id", given.org_unit_id());
  if (paths.contains("manager_id"))
    update.manager_id = fields.OptionalId("employee.manager_id", given.manager_id());
  if (paths.contains("capacity")) update.capacity = Capacity(given.capacity(), fields);
  if (paths.contains("roles")) update.roles = fields.Lines("employee.roles", given.roles(), 20, 100);
  if (paths.contains("time_zone")) update.time_zone = TimeZone(given.time_zone(), fields);
  if (paths.contains("email")) update.email = Email(given.email(), fields);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<UpdateEmployee> ToChangeState(const directory::ChangeEmployeeStateRequest& request) {
  Fields fields;
  UpdateEmployee command;
  command.id = fields.Id("id", request.id());
  command.etag = fields.Etag("etag", request.etag());
  if (fields.Enum("state", request.state(), directory::EmployeeState_IsValid(request.state()), true))
    command.update.state = static_cast<EmployeeState>(request.state() - 1);
  if (!fields.status().ok()) return fields.status();
  return command;
}

absl::StatusOr<GetOrgUnit> ToGetOrgUnit(const directory::GetOrgUnitRequest& request) {
  Fields fields;
  GetOrgUnit query{fields.Id("id", request.id())};
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<GetEmployee> ToGetEmployee(const directory::GetEmployeeRequest& request) {
  Fields fields;
  GetEmployee query{fields.Id("id", request.id())};
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<ListOrgUnits> ToListOrgUnits(const directory::ListOrgUnitsRequest& request,
                                            const rpc::Paging& paging, Fields& fields) {
  ListOrgUnits query;
  query.limit = paging.limit();
  query.under_id = fields.OptionalId("under_id", request.under_id());
  query.after_path = paging.TextAt(0, fields);
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<ListEmployees> ToListEmployees(const directory::ListEmployeesRequest& request,
                                              const rpc::Paging& paging, Fields& fields) {
  ListEmployees query;
  query.limit = paging.limit();
  query.under_org_unit_id = fields.OptionalId("under_org_unit_id", request.under_org_unit_id());
  if (fields.Enum("state", request.state(), directory::EmployeeState_IsValid(request.state())) &&
      request.state() != directory::EMPLOYEE_STATE_UNSPECIFIED)
    query.state = static_cast<EmployeeState>(request.state() - 1);
  query.after_name = paging.TextAt(0, fields);
  query.after_id = paging.IdAt(1, fields);
  if (!fields.status().ok()) return fields.status();
  return query;
}

directory::OrgUnit ToProto(const OrgUnit& unit) {
  directory::OrgUnit proto;
  proto.set_id(unit.id.ToString());
  proto.set_parent_id(OrEmpty(unit.parent_id));
  proto.set_name(unit.name);
  proto.set_kind(static_cast<directory::OrgUnitKind>(static_cast<int>(unit.kind) + 1));
  proto.set_path(unit.path);
  proto.set_external_id(unit.external_id);
  proto.set_etag(std::to_string(unit.version));
  *proto.mutable_create_time() = ToTimestamp(unit.create_time);
  *proto.mutable_update_time() = ToTimestamp(unit.update_time);
  return proto;
}

directory::Employee ToProto(const Employee& employee) {
  directory::Employee proto;
  proto.set_id(employee.id.ToString());
  proto.set_name(employee.name);
  proto.set_login(employee.login);
  proto.set_org_unit_id(OrEmpty(employee.org_unit_id));
  proto.set_manager_id(OrEmpty(employee.manager_id));
  proto.set_state(static_cast<directory::EmployeeState>(static_cast<int>(employee.state) + 1));
  proto.set_capacity(employee.capacity);
  proto.mutable_roles()->Assign(employee.roles.begin(), employee.roles.end());
  proto.set_time_zone(employee.time_zone);
  proto.set_external_id(employee.external_id);
  proto.set_email(employee.email);
  proto.set_etag(std::to_string(employee.version));
  *proto.mutable_create_time() = ToTimestamp(employee.create_time);
  *proto.mutable_update_time() = ToTimestamp(employee.update_time);
  return proto;
}

directory::Employee ToProto(const EmployeeView& view) {
  directory::Employee proto = ToProto(view.employee);
  proto.set_open_leads(view.open_leads);
  return proto;
}

}  // namespace crm::customer
