#include "services/customer/rpc/directory_service.h"

#include "services/customer/rpc/directory_converters.h"

namespace crm::customer {
namespace {

directory::GetOrgUnitResponse ToOrgUnitResponse(const OrgUnit& unit) {
  directory::GetOrgUnitResponse response;
  *response.mutable_org_unit() = ToProto(unit);
  return response;
}

directory::GetEmployeeResponse ToEmployeeResponse(const EmployeeView& view) {
  directory::GetEmployeeResponse response;
  *response.mutable_employee() = ToProto(view);
  return response;
}

}  // namespace

DirectoryHandlers::DirectoryHandlers(db::Pool& pool, work::UnitOfWork& work, rpc::Executor& reads,
                                     rpc::Executor& writes, rpc::Executor& reports)
    : pool_(pool),
      reports_(reports),
      get_org_units_(reads, [&pool](auto requests) { return GetOrgUnits(pool, requests); }),
      get_employees_(reads, [&pool](auto requests) { return GetEmployees(pool, requests); }),
      create_org_units_(writes, [&work](auto requests) { return CreateOrgUnits(work, requests); }),
      create_employees_(writes, [&work](auto requests) { return CreateEmployees(work, requests); }),
      update_employees_(writes, [&work](auto requests) { return UpdateEmployees(work, requests); }) {}

void DirectoryHandlers::Register(rpc::Server& server) {
  server.Unary(service_, "CreateOrgUnit",
               rpc::Write<directory::CreateOrgUnitRequest, directory::CreateOrgUnitResponse>(
                   create_org_units_, ToCreateOrgUnit, &directory::CreateOrgUnitResponse::mutable_org_unit));
  server.Unary(service_, "GetOrgUnit",
               rpc::Read<directory::GetOrgUnitRequest, directory::GetOrgUnitResponse>(
                   get_org_units_, ToGetOrgUnit, ToOrgUnitResponse));
  server.Unary(
      service_, "ListOrgUnits",
      rpc::Alone<directory::ListOrgUnitsRequest, directory::ListOrgUnitsResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
  server.Unary(
      service_, "CreateEmployee",
      rpc::Write<directory::CreateEmployeeRequest, directory::CreateEmployeeResponse>(
          create_employees_, ToCreateEmployee, &directory::CreateEmployeeResponse::mutable_employee));
  server.Unary(service_, "GetEmployee",
               rpc::Read<directory::GetEmployeeRequest, directory::GetEmployeeResponse>(
                   get_employees_, ToGetEmployee, ToEmployeeResponse));
  server.Unary(
      service_, "ListEmployees",
      rpc::Alone<directory::ListEmployeesRequest, directory::ListEmployeesResponse>(
          reports_, [this](const auto& context, const auto& request) { return List(context, request); }));
  server.Unary(
      service_, "UpdateEmployee",
      rpc::Write<directory::UpdateEmployeeRequest, directory::UpdateEmployeeResponse>(
          update_employees_, ToUpdateEmployee, &directory::UpdateEmployeeResponse::mutable_employee));
  server.Unary(
      service_, "ChangeEmployeeState",
      rpc::Write<directory::ChangeEmployeeStateRequest, directory::ChangeEmployeeStateResponse>(
          update_employees_, ToChangeState, &directory::ChangeEmployeeStateResponse::mutable_employee));
}

absl::StatusOr<directory::ListOrgUnitsResponse> DirectoryHandlers::List(
    const rpc::Context& context, const directory::ListOrgUnitsRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 1, fields);
  auto query = ToListOrgUnits(request, paging, fields);
  if (!query.ok()) return query.status();
  auto units = OrgUnitsUnder(pool_, {context.caller, *std::move(query), {}});
  if (!units.ok()) return units.status();
  directory::ListOrgUnitsResponse response;
  response.set_next_page_token(
      paging.Cut(*units, [](const OrgUnit& unit) { return std::vector<std::string>{unit.path}; }));
  for (const OrgUnit& unit : *units) *response.add_org_units() = ToProto(unit);
  return response;
}

absl::StatusOr<directory::ListEmployeesResponse> DirectoryHandlers::List(
    const rpc::Context& context, const directory::ListEmployeesRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 2, fields);
  auto query = ToListEmployees(request, paging, fields);
  if (!query.ok()) return query.status();
  auto employees = EmployeesUnder(pool_, {context.caller, *std::move(query), {}});
  if (!employees.ok()) return employees.status();
  directory::ListEmployeesResponse response;
  response.set_next_page_token(paging.Cut(*employees, [](const EmployeeView& view) {
    return std::vector<std::string>{view.employee.name, view.employee.id.ToString()};
  }));
  for (const EmployeeView& view : *employees) *response.add_employees() = ToProto(view);
  return response;
}

}  // namespace crm::customer
