#pragma once
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/principal.h"

namespace crm::tools {

// An employee as the directory knows it.
struct Person {
  Uuid id, org_unit_id;
  std::string name, login;
  std::vector<std::string> roles;
};

// Everybody who has not left, by login. `database_url` is that of role guanxi_customer. UNAVAILABLE when the
// database cannot be read.
absl::StatusOr<std::vector<Person>> ReadPeople(const std::string& database_url);

// What each role may do, by name: of a CSV with the columns role and permission ("lead:read", "lead:*").
using Roles = std::map<std::string, std::vector<std::string>>;
absl::StatusOr<Roles> ReadRoles(const std::string& path);

// FAILED_PRECONDITION when the person has a role that `roles` does not know.
absl::StatusOr<auth::Principal> PrincipalOf(const Person& person, const Roles& roles);

// Whoever sets up an enterprise before it has any employee. May do everything.
auth::Principal Administrator();

// The account of a service that calls others in its own name ("contract_credit").
auth::Principal ServiceAccount(const std::string& service);

}  // namespace crm::tools
