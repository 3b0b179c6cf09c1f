#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/uuid.h"

namespace crm::auth {

// Who calls. Immutable once made.
struct Principal {
  Uuid id;  // the employee; for a service, an id made from its name
  std::string name;
  Uuid org_unit_id;                      // nil for a service
  std::vector<std::string> permissions;  // "lead:create", "lead:*" or "*", sorted
  bool is_service = false;
  std::string token;  // forwarded when this call asks another service

  // `permission` is "resource:action".
  bool May(std::string_view permission) const;
};

using PrincipalRef = std::shared_ptr<const Principal>;

// The principal of background work of service `name`; may do everything inside that service.
PrincipalRef ServicePrincipal(std::string_view name);

}  // namespace crm::auth
