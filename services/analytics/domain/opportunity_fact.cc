#include "services/analytics/domain/opportunity_fact.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "common/base/money.h"
#include "services/analytics/domain/estimate.h"

namespace crm::analytics {
namespace {

std::int64_t HoursBetween(absl::Time from, absl::Time to) {
  return std::max<std::int64_t>(0, absl::ToInt64Hours(to - from));
}

void AddDuration(Deltas& deltas, const OpportunityFact& fact, int shard, int order, absl::CivilDay cohort,
                 std::int64_t hours, int sign) {
  Tally& tally = deltas.duration[{shard, fact.process_id, order, cohort, DurationBucket(hours)}];
  tally.count += sign;
  tally.amount_minor += sign * hours;
}

// Adds (sign 1) or takes out (-1) what `fact` stands for.
void Contribute(const OpportunityFact& fact, int sign, absl::CivilDay day, int shard,
                const absl::TimeZone& zone, Deltas& deltas) {
  const absl::CivilDay cohort = absl::ToCivilDay(fact.opened_time, zone);
  const absl::CivilDay entered = absl::ToCivilDay(fact.entered_time, zone);
  const auto count = [&](std::string_view dimension, std::string member, std::int64_t amount) {
    Tally& tally = deltas.funnel[{shard, std::string(dimension), std::move(member), fact.process_id,
                                  fact.stage_order, fact.status, fact.currency, day}];
    tally.count += sign;
    tally.amount_minor += sign * amount;
  };
  count(dimension::kTotal, "", fact.amount_minor);
  count(dimension::kOwner, fact.owner_id.ToString(), fact.amount_minor);
  count(dimension::kOrgUnit, fact.org_unit_id.ToString(), fact.amount_minor);
  count(dimension::kSource, fact.source, fact.amount_minor);
  count(dimension::kPeriod, absl::StrFormat("%04d-%02d", entered.year(), entered.month()), fact.amount_minor);
  if (fact.products.empty()) {
    count(dimension::kProduct, "", fact.amount_minor);
  } else {
    const std::vector<std::int64_t> weights(fact.products.size(), 1);
    const std::vector<std::int64_t> parts = Allocate(std::max<std::int64_t>(0, fact.amount_minor), weights);
    for (std::size_t i = 0; i < parts.size(); ++i) count(dimension::kProduct, fact.products[i], parts[i]);
  }

  const int reached = fact.won() ? kWonOrder : fact.reached_order;
  deltas.conversion[{shard, fact.process_id, cohort, fact.status, reached, fact.stage_order,
                     fact.open() ? entered : kClosedDay}] += sign;
  if (fact.won())
    AddDuration(deltas, fact, shard, kWonOrder, cohort, HoursBetween(fact.opened_time, fact.entered_time),
                sign);
  if (!fact.open() && !fact.won())
    deltas.loss[{shard, fact.process_id, cohort, fact.stage_order, fact.status, fact.close_reason}] += sign;
  if (fact.open() && fact.amount_minor > 0) {
    const int band = static_cast<int>(std::floor(4 * std::log2(static_cast<double>(fact.amount_minor))));
    Tally& tally = deltas.pipeline[{shard, fact.process_id, fact.stage_order, fact.currency, band}];
    tally.count += sign;
    tally.amount_minor += sign * fact.amount_minor;
  }
}

}  // namespace

void Apply(OpportunityFact& fact, const OpportunitySeen& event, int shard, const absl::TimeZone& zone,
           Deltas& deltas) {
  const bool known = fact.version > 0;
  const absl::Time time = known ? std::max(event.occurred_time, fact.last_time) : event.occurred_time;
  const absl::CivilDay day = absl::ToCivilDay(time, zone);
  if (known) {
    Contribute(fact, -1, day, shard, zone, deltas);
  } else {
    fact.id = event.id;
    fact.opened_time = std::min(event.opened_time, time);
    fact.entered_time = fact.opened_time;
  }
  const bool moved = known && (fact.stage_order != event.stage.order || fact.status != event.status);
  if (moved && fact.open())
    AddDuration(deltas, fact, shard, fact.stage_order, absl::ToCivilDay(fact.opened_time, zone),
                HoursBetween(fact.entered_time, time), 1);
  if (moved || (!known && event.status != "OPEN")) fact.entered_time = time;

  fact.owner_id = event.owner_id;
  fact.org_unit_id = event.org_unit_id;
  fact.process_id = event.stage.process_id;
  fact.stage_order = event.stage.order;
  fact.reached_order = std::max(fact.reached_order, event.stage.order);
  fact.status = event.status;
  fact.source = event.source;
  fact.currency = event.currency;
  fact.amount_minor = Countable(event.amount_minor);
  fact.products = event.products;
  fact.lead_id = event.lead_id;
  fact.close_reason = event.status == "OPEN"       ? ""
                      : event.close_reason.empty() ? fact.close_reason
                                                   : event.close_reason;
  fact.last_time = time;
  ++fact.version;
  Contribute(fact, 1, day, shard, zone, deltas);
}

}  // namespace crm::analytics
