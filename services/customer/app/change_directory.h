#pragma once
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/domain/directory.h"

namespace crm::customer {

struct CreateOrgUnit {
  Uuid parent_id;  // nil: the root
  OrgUnitKind kind = OrgUnitKind::kTeam;
  std::string name, external_id;
};

// Replies with the OrgUnit. Items fail with ORG_UNIT_NOT_FOUND (the parent), ORG_UNIT_ALREADY_EXISTS.
std::vector<work::Outcome> CreateOrgUnits(work::UnitOfWork& work,
                                          absl::Span<const work::Request<CreateOrgUnit>> requests);

struct CreateEmployee {
  Employee employee;  // without id and times
};

// Replies with the Employee. Items fail with ORG_UNIT_NOT_FOUND, EMPLOYEE_NOT_FOUND (the manager),
// EMPLOYEE_ALREADY_EXISTS (the login or the external id).
std::vector<work::Outcome> CreateEmployees(work::UnitOfWork& work,
                                           absl::Span<const work::Request<CreateEmployee>> requests);

struct UpdateEmployee {
  Uuid id;
  std::optional<std::int64_t> etag;
  EmployeeUpdate update;
};

// Changes employees, their state and capacity included; leads that wait are tried again when somebody may
// take more. Replies with the Employee. Items fail with EMPLOYEE_NOT_FOUND (also the manager), STALE_ETAG,
// ORG_UNIT_NOT_FOUND, ILLEGAL_STATE_MOVE.
std::vector<work::Outcome> UpdateEmployees(work::UnitOfWork& work,
                                           absl::Span<const work::Request<UpdateEmployee>> requests);

}  // namespace crm::customer
