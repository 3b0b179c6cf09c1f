#include "services/analytics/domain/lead_fact.h"

namespace crm::analytics {
namespace {

void Contribute(const LeadFact& fact, int sign, int shard, Deltas& deltas) {
  if (!fact.captured) return;
  const bool converted = fact.state == "CONVERTED";
  deltas.lead[{shard, fact.source, fact.captured_day, fact.state, fact.qualified || converted, converted,
               fact.wins > 0}] += sign;
}

}  // namespace

void Apply(LeadFact& fact, const LeadSeen& event, int shard, const absl::TimeZone& zone, Deltas& deltas) {
  Contribute(fact, -1, shard, deltas);
  fact.id = event.id;
  fact.owner_id = event.owner_id;
  fact.org_unit_id = event.org_unit_id;
  fact.source = event.source;
  fact.state = event.state;
  fact.qualified = fact.qualified || event.qualified;
  if (event.captured) {
    fact.captured = true;
    fact.captured_day = absl::ToCivilDay(event.occurred_time, zone);
  }
  ++fact.version;
  Contribute(fact, 1, shard, deltas);
}

void Apply(LeadFact& fact, const LeadWins& event, int shard, Deltas& deltas) {
  Contribute(fact, -1, shard, deltas);
  fact.id = event.lead_id;
  fact.wins += event.change;
  ++fact.version;
  Contribute(fact, 1, shard, deltas);
}

}  // namespace crm::analytics
