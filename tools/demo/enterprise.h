#pragma once
#include <string>
#include <vector>

#include "tools/demo/clients.h"

namespace crm::demo {

struct Enterprise {
  int org_units = 0, employees = 0, rules = 0, products = 0;  // there now
  int created = 0;                                            // by this run
  std::vector<std::string> product_ids;
};

// Brings the sample enterprise of `folder` into being through the public API: org units, employees,
// assignment rules, products and a sales process. What is there already stays as it is.
Enterprise SetUpEnterprise(const Clients& clients, const std::string& token, const std::string& folder);

// The sample's sales process.
inline constexpr char kProcess[] = "sample";

}  // namespace crm::demo
