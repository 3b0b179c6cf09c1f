#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/work/batch.h"

namespace crm::opportunity {

// What this service asks of others: for a whole set, before its transaction opens, with the caller's token.
// Each answers the name of every one that exists and that the caller may see, or why it could not be asked
// (UNAVAILABLE, DEADLINE_EXCEEDED, PERMISSION_DENIED). Thread safe.
struct Peers {
  using Names = std::map<Uuid, std::string>;
  using Ask = std::function<absl::StatusOr<Names>(const work::Caller& caller, const std::vector<Uuid>& ids)>;
  Ask customers, leads, contracts, employees, org_units;

  // Names as people write them in files, tidied and not empty → who that is. A key of another system or a
  // login goes before a name.
  struct Found {
    Uuid id;
    Uuid org_unit_id;  // nil where it is not known
    std::string name;
    bool ambiguous = false;  // one of several who are called so
    std::string source{};    // of a lead
  };
  using Lookup = std::function<absl::StatusOr<std::map<std::string, Found>>(
      const work::Caller& caller, const std::vector<std::string>& names)>;
  Lookup customers_by_name;  // by external id or name
  Lookup employees_by_name;  // by name, login or external id
  Lookup leads_by_external_id;
};

}  // namespace crm::opportunity
