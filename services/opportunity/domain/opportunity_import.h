#pragma once
#include <cstdint>
#include <string>

#include "common/imports/import.h"

namespace crm::opportunity {

// A file of opportunities on its way in.
struct OpportunityImport : imports::Import {
  std::int64_t values_repaired = 0, values_reported = 0;
};
using ImportChanged = imports::Changed<OpportunityImport>;

inline constexpr std::size_t kMaxFindingValue = 4000;  // characters

// What an import has to say about a row.
struct Finding {
  enum class Kind {
    kRejected,  // the row was not imported
    kRepaired,  // the value was brought into order by the rule that `reason` names
    kReported,  // imported, but this value is missing or was not taken over
  };
  std::int64_t line = 0;
  int ordinal = 0;  // within the line
  Kind kind = Kind::kRejected;
  std::string field, reason, description;
  std::string value;  // as it was read, cut after kMaxFindingValue
};

}  // namespace crm::opportunity
