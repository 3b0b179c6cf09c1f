#pragma once
#include <map>
#include <string>
#include <vector>

#include "common/imports/import.h"
#include "common/status/errors.h"

namespace crm::customer {

// A file of leads on its way in.
struct LeadImport : imports::Import {
  std::map<std::string, std::string> mapping;  // column → field
  std::vector<std::string> attribute_columns;
};
using ImportChanged = imports::Changed<LeadImport>;

// A row that was refused.
struct RejectedRow {
  std::int64_t line = 0;
  std::vector<errors::Violation> violations;
  std::string content;  // as it was read, cut after 4,000 characters
};

}  // namespace crm::customer
