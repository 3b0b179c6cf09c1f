#pragma once
#include "common/db/pool.h"
#include "common/rpc/server.h"
#include "crm/directory/v1/directory_service.grpc.pb.h"
#include "services/customer/app/change_directory.h"
#include "services/customer/app/read_directory.h"

namespace crm::customer {

// DirectoryService: proto in, command out; result in, proto out. Lives as long as the server.
class DirectoryHandlers {
 public:
  DirectoryHandlers(db::Pool& pool, work::UnitOfWork& work, rpc::Executor& reads, rpc::Executor& writes,
                    rpc::Executor& reports);
  void Register(rpc::Server& server);

 private:
  using OrgUnitPage = crm::directory::v1::ListOrgUnitsResponse;
  using EmployeePage = crm::directory::v1::ListEmployeesResponse;
  absl::StatusOr<OrgUnitPage> List(const rpc::Context& context,
                                   const crm::directory::v1::ListOrgUnitsRequest& request);
  absl::StatusOr<EmployeePage> List(const rpc::Context& context,
                                    const crm::directory::v1::ListEmployeesRequest& request);

  db::Pool& pool_;
  rpc::Executor& reports_;
  rpc::Coalescer<GetOrgUnit, OrgUnit> get_org_units_;
  rpc::Coalescer<GetEmployee, EmployeeView> get_employees_;
  rpc::WriteCoalescer<CreateOrgUnit> create_org_units_;
  rpc::WriteCoalescer<CreateEmployee> create_employees_;
  rpc::WriteCoalescer<UpdateEmployee> update_employees_;
  crm::directory::v1::DirectoryService::AsyncService service_;
};

}  // namespace crm::customer
