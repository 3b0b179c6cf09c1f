#pragma once
#include <optional>
#include <string>
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/customer/domain/directory.h"

namespace crm::customer {

// An employee as readers see him.
struct EmployeeView {
  Employee employee;
  int open_leads = 0;
};

// Org units and employees. Not thread safe.
class DirectoryStore {
 public:
  explicit DirectoryStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<OrgUnit> LoadOrgUnits(const std::vector<Uuid>& ids);
  work::Tracked<Employee> LoadEmployees(const std::vector<Uuid>& ids);

  // Those among `logins` and `external_ids` that are in use, with their holders.
  struct Taken {
    std::string login, external_id;
    Uuid id;
  };
  std::vector<Taken> FindTaken(const std::vector<std::string>& logins,
                               const std::vector<std::string>& external_ids);
  std::vector<Taken> FindTakenOrgUnits(const std::vector<std::string>& external_ids);

  // False when a row was lost, or a login or external id was taken meanwhile. A new employee gets his
  // workload row; whether he is active and his capacity are written there too.
  bool Save(const work::Tracked<OrgUnit>& org_units);
  bool Save(const work::Tracked<Employee>& employees);

  std::vector<OrgUnit> GetOrgUnits(const std::vector<Uuid>& ids);
  std::vector<EmployeeView> GetEmployees(const std::vector<Uuid>& ids);

  // Parents before children; behind `after_path`.
  std::vector<OrgUnit> ListOrgUnits(const auth::Scope& scope, const std::string& under_path,
                                    const std::string& after_path, int limit);
  // By name, then id.
  std::vector<EmployeeView> ListEmployees(const auth::Scope& scope, const std::string& under_path,
                                          std::optional<EmployeeState> state, const std::string& after_name,
                                          const Uuid& after_id, int limit);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::customer
