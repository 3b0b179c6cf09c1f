#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "services/analytics/domain/estimate.h"
#include "services/analytics/domain/opportunity_fact.h"
#include "services/analytics/domain/receivable.h"

// What reports consist of.
namespace crm::analytics {

struct FunnelLine {
  std::string group;  // member of the dimension asked for
  Stage stage;
  std::string status, currency;
  std::int64_t opportunities = 0, amount_minor = 0;
};

struct LeadSourceLine {
  std::string source;
  std::int64_t leads = 0, qualified = 0, converted = 0, won = 0;
};

struct AgeingLine {
  std::string group, currency;
  std::array<std::int64_t, kAgeBuckets> outstanding_minor{};  // by AgeBucket
  std::int64_t instalments = 0;
};

// Days, both included.
struct Period {
  absl::CivilDay from, to;
};

}  // namespace crm::analytics
