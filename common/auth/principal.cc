#include "common/auth/principal.h"

#include <algorithm>

namespace crm::auth {

bool Principal::May(std::string_view permission) const {
  const auto holds = [&](std::string_view name) {
    return std::binary_search(permissions.begin(), permissions.end(), name);
  };
  if (permission.empty()) return false;
  return holds(permission) || holds(std::string(permission.substr(0, permission.find(':'))) + ":*") ||
         holds("*");
}

PrincipalRef ServicePrincipal(std::string_view name) {
  Principal principal;
  principal.id = Uuid::FromName(Uuid(), "service/" + std::string(name));
  principal.name = name;
  principal.permissions = {"*"};
  principal.is_service = true;
  return std::make_shared<const Principal>(std::move(principal));
}

}  // namespace crm::auth
