#include "tools/people/people.h"

#include <algorithm>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "tools/people/csv_table.h"

namespace crm::tools {

absl::StatusOr<std::vector<Person>> ReadPeople(const std::string& database_url) {
  std::vector<Person> people;
  try {
    pqxx::connection connection(database_url);
    pqxx::read_transaction transaction(connection);
    for (const auto& row : transaction.exec(
             "SELECT id, org_unit_id, name, login, array_to_string(roles, ' ') FROM guanxi_customer.employee"
             " WHERE state <> 'TERMINATED' ORDER BY login")) {
      Person person{.id = Uuid::Parse(row[0].c_str()).value_or(Uuid()),
                    .org_unit_id = Uuid::Parse(row[1].c_str()).value_or(Uuid()),
                    .name = row[2].c_str(),
                    .login = row[3].c_str(),
                    .roles = {}};
      for (const auto& role : SplitWords(row[4].c_str())) person.roles.push_back(role);
      people.push_back(std::move(person));
    }
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat("the directory cannot be read: ", error.what()));
  }
  return people;
}

absl::StatusOr<Roles> ReadRoles(const std::string& path) {
  const auto table = CsvTable::Read(path);
  if (!table.ok()) return table.status();
  Roles roles;
  for (const auto& row : table->rows()) roles[row.at("role")].push_back(row.at("permission"));
  return roles;
}

absl::StatusOr<auth::Principal> PrincipalOf(const Person& person, const Roles& roles) {
  auth::Principal principal;
  principal.id = person.id;
  principal.name = person.name;
  principal.org_unit_id = person.org_unit_id;
  for (const std::string& role : person.roles) {
    const auto found = roles.find(role);
    if (found == roles.end())
      return absl::FailedPreconditionError(
          absl::StrCat(person.name, " has the role \"", role, "\", which has no permissions"));
    principal.permissions.insert(principal.permissions.end(), found->second.begin(), found->second.end());
  }
  std::sort(principal.permissions.begin(), principal.permissions.end());
  principal.permissions.erase(std::unique(principal.permissions.begin(), principal.permissions.end()),
                              principal.permissions.end());
  return principal;
}

auth::Principal Administrator() {
  auth::Principal principal;
  principal.id = Uuid::FromName(Uuid(), "administrator");
  principal.name = "administrator";
  principal.permissions = {"*"};
  return principal;
}

auth::Principal ServiceAccount(const std::string& service) { return *auth::ServicePrincipal(service); }

}  // namespace crm::tools
