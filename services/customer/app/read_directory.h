#pragma once
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/work/batch.h"
#include "services/customer/storage/directory_store.h"

namespace crm::customer {

struct GetOrgUnit {
  Uuid id;
};
struct GetEmployee {
  Uuid id;
};
// One statement for all. ORG_UNIT_NOT_FOUND, EMPLOYEE_NOT_FOUND.
std::vector<absl::StatusOr<OrgUnit>> GetOrgUnits(db::Pool& pool,
                                                 absl::Span<const work::Request<GetOrgUnit>> requests);
std::vector<absl::StatusOr<EmployeeView>> GetEmployees(db::Pool& pool,
                                                       absl::Span<const work::Request<GetEmployee>> requests);

struct ListOrgUnits {
  Uuid under_id;           // nil: all
  std::string after_path;  // the last of the page before
  int limit = 0;
};
// Parents before children. ORG_UNIT_NOT_FOUND.
absl::StatusOr<std::vector<OrgUnit>> OrgUnitsUnder(db::Pool& pool,
                                                   const work::Request<ListOrgUnits>& request);

struct ListEmployees {
  Uuid under_org_unit_id;  // nil: all
  std::optional<EmployeeState> state;
  std::string after_name;
  Uuid after_id;
  int limit = 0;
};
// By name. ORG_UNIT_NOT_FOUND.
absl::StatusOr<std::vector<EmployeeView>> EmployeesUnder(db::Pool& pool,
                                                         const work::Request<ListEmployees>& request);

}  // namespace crm::customer
