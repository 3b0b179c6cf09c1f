#pragma once
#include "absl/status/statusor.h"
#include "common/rpc/fields.h"
#include "crm/directory/v1/directory_service.pb.h"
#include "services/customer/app/change_directory.h"
#include "services/customer/app/read_directory.h"

// Requests of DirectoryService to commands, results to responses.
namespace crm::customer {

namespace directory = crm::directory::v1;

absl::StatusOr<CreateOrgUnit> ToCreateOrgUnit(const directory::CreateOrgUnitRequest& request);
absl::StatusOr<CreateEmployee> ToCreateEmployee(const directory::CreateEmployeeRequest& request);
absl::StatusOr<UpdateEmployee> ToUpdateEmployee(const directory::UpdateEmployeeRequest& request);
absl::StatusOr<UpdateEmployee> ToChangeState(const directory::ChangeEmployeeStateRequest& request);
absl::StatusOr<GetOrgUnit> ToGetOrgUnit(const directory::GetOrgUnitRequest& request);
absl::StatusOr<GetEmployee> ToGetEmployee(const directory::GetEmployeeRequest& request);
absl::StatusOr<ListOrgUnits> ToListOrgUnits(const directory::ListOrgUnitsRequest& request,
                                            const rpc::Paging& paging, rpc::Fields& fields);
absl::StatusOr<ListEmployees> ToListEmployees(const directory::ListEmployeesRequest& request,
                                              const rpc::Paging& paging, rpc::Fields& fields);

directory::OrgUnit ToProto(const OrgUnit& unit);
directory::Employee ToProto(const Employee& employee);
directory::Employee ToProto(const EmployeeView& view);

}  // namespace crm::customer
