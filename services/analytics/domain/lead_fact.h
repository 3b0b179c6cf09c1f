#pragma once
#include <cstdint>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/analytics/domain/rollup.h"

namespace crm::analytics {

// What an event says of a lead, as it is after it.
struct LeadSeen {
  Uuid id{}, owner_id{}, org_unit_id{};
  std::string source{}, state{};
  bool captured = false;   // this event is its first
  bool qualified = false;  // this event judged it worth pursuing
  absl::Time occurred_time{};
};

// An opportunity of the lead was won (1), or is no longer (-1). Of another aggregate, so it may come before
// the lead itself is known.
struct LeadWins {
  Uuid lead_id{};
  int change = 0;
};

struct LeadFact {
  Uuid id, owner_id, org_unit_id;
  std::int64_t version = 0;
  bool captured = false;
  std::string source, state;
  absl::CivilDay captured_day;
  bool qualified = false;
  std::int64_t wins = 0;
};

void Apply(LeadFact& fact, const LeadSeen& event, int shard, const absl::TimeZone& zone, Deltas& deltas);
void Apply(LeadFact& fact, const LeadWins& event, int shard, Deltas& deltas);

}  // namespace crm::analytics
