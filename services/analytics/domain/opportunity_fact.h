#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/analytics/domain/rollup.h"

namespace crm::analytics {

// A stage of a process version, which never changes.
struct Stage {
  Uuid process_id{};
  int order = 0;
  std::string key{}, name{};
  int probability_percent = 0;
  int maximum_days = 0;  // 0 = no limit
};

// What an event says of an opportunity, as it is after it.
struct OpportunitySeen {
  Uuid id, owner_id, org_unit_id;
  Stage stage;  // with its process
  std::string status, source, currency;
  std::int64_t amount_minor = 0;      // 0 and no currency: not known
  std::vector<std::string> products;  // names
  std::optional<Uuid> lead_id;
  std::string close_reason;
  absl::Time opened_time, occurred_time;
};

// What analytics keeps of one opportunity: enough to know what it stands for in the rollups.
struct OpportunityFact {
  Uuid id, owner_id, org_unit_id, process_id;
  std::int64_t version = 0;  // events applied
  int stage_order = 0, reached_order = 0;
  std::string status, source, currency;
  std::int64_t amount_minor = 0;
  std::vector<std::string> products;
  std::optional<Uuid> lead_id;
  std::string close_reason;
  absl::Time opened_time;
  absl::Time entered_time;  // when it came to this stage and status
  absl::Time last_time;

  bool open() const { return status == "OPEN"; }
  bool won() const { return status == "WON"; }
};

// Makes `fact` what the event says, and adds to `deltas` what that changes. The events of one opportunity
// come in their order; one that says it happened before its predecessor counts as simultaneous with it. Days
// are days in `zone`. An opportunity of several products counts under each, its amount divided equally among
// them.
void Apply(OpportunityFact& fact, const OpportunitySeen& event, int shard, const absl::TimeZone& zone,
           Deltas& deltas);

}  // namespace crm::analytics
