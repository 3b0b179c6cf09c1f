#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/status/errors.h"

namespace crm::opportunity {

enum class ForecastCategory { kPipeline, kBestCase, kCommit, kClosed, kOmitted };

// What must be true before an opportunity leaves a stage forwards.
struct Gate {
  enum class Kind {
    kRequiredField,      // `value` names a field of the opportunity: see GateFields()
    kCompletedActivity,  // `value` is an activity kind: VISIT, DEMO, …
    kContactRole,        // `value` is a role in the purchase: DECISION_MAKER, …
  };
  Kind kind = Kind::kRequiredField;
  std::string value;

  friend bool operator==(const Gate&, const Gate&) = default;
};

struct Stage {
  std::string key, name;
  int probability_percent = 0;
  ForecastCategory forecast = ForecastCategory::kPipeline;
  std::vector<Gate> gates{};
  int expected_days = 0, maximum_days = 0;  // 0 = no limit
  std::string guidance{};

  friend bool operator==(const Stage&, const Stage&) = default;
};

// One version of how this enterprise sells. A version never changes: a better one is the next number of the
// same key, and an open opportunity stays on the version it started with.
struct SalesProcess {
  static constexpr std::string_view kAggregateType = "sales_process";

  Uuid id, owner_id, org_unit_id;
  std::string key, name;
  int number = 0;  // 1, 2, 3 … within `key`
  std::vector<Stage> stages;
  std::int64_t version = 0;
  absl::Time create_time;

  // The position of a stage, or -1.
  int IndexOf(std::string_view stage) const;
};

struct CreateSalesProcess {
  std::string key, name;
  std::vector<Stage> stages;
};

struct SalesProcessPublished {
  SalesProcess process;
};

// The process that opportunities follow unless told otherwise.
inline constexpr std::string_view kStandardProcess = "standard";

// Gates may require these fields: amount, budget, customer, expected_close, grade, need, products.
const std::vector<std::string_view>& GateFields();

// Adds every broken rule: no or too many stages, a stage without key or name, a key given twice, a
// probability outside 0–100, an expectation above its maximum, a gate on an unknown field, activity or role.
void Check(const CreateSalesProcess& command, const std::string& path, errors::Violations& violations);

// What a new installation sells by: need → proposal → negotiation.
CreateSalesProcess StandardProcess();

}  // namespace crm::opportunity
