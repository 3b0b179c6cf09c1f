#include "services/analytics/storage/rollup_store.h"

#include "common/db/columns.h"

namespace crm::analytics {
namespace {

using db::Column;

constexpr db::Statement kFunnelNow{"add_funnel_now", R"(
INSERT INTO funnel_now AS r (shard, dimension, member, process_id, stage_order, status, currency, opportunities,
                             amount_minor)
SELECT u.shard, u.dimension, u.member, u.process_id, u.stage_order, u.status, u.currency, sum(u.opportunities),
       sum(u.amount_minor)
  FROM unnest($1::int[], $2::text[], $3::text[], $4::uuid[], $5::integer[], $6::text[], $7::text[],
              $8::bigint[], $9::bigint[])
       AS u(shard, dimension, member, process_id, stage_order, status, currency, opportunities, amount_minor)
 GROUP BY u.shard, u.dimension, u.member, u.process_id, u.stage_order, u.status, u.currency
 ORDER BY u.shard, u.dimension, u.member, u.process_id, u.stage_order, u.status, u.currency
ON CONFLICT (dimension, member, process_id, stage_order, status, currency, shard) DO UPDATE
   SET opportunities = r.opportunities + excluded.opportunities, amount_minor = r.amount_minor + excluded.amount_minor)"};

constexpr db::Statement kFunnelDay{"add_funnel_day", R"(
INSERT INTO funnel_day AS r (shard, dimension, member, process_id, stage_order, status, currency, day, opportunities,
                             amount_minor)
SELECT u.shard, u.dimension, u.member, u.process_id, u.stage_order, u.status, u.currency, u.day, u.opportunities,
       u.amount_minor
  FROM unnest($1::int[], $2::text[], $3::text[], $4::uuid[], $5::integer[], $6::text[], $7::text[],
              $8::bigint[], $9::bigint[], $10::date[])
       AS u(shard, dimension, member, process_id, stage_order, status, currency, opportunities, amount_minor, day)
ON CONFLICT (dimension, day, member, process_id, stage_order, status, currency, shard) DO UPDATE
   SET opportunities = r.opportunities + excluded.opportunities, amount_minor = r.amount_minor + excluded.amount_minor)"};

constexpr db::Statement kConversion{"add_conversion", R"(
INSERT INTO conversion_rollup AS r (shard, process_id, cohort_day, status, reached_order, stage_order, entered_day,
                                    opportunities)
SELECT u.shard, u.process_id, u.cohort_day, u.status, u.reached_order, u.stage_order, u.entered_day, u.opportunities
  FROM unnest($1::int[], $2::uuid[], $3::date[], $4::text[], $5::integer[], $6::integer[], $7::date[],
              $8::bigint[])
       AS u(shard, process_id, cohort_day, status, reached_order, stage_order, entered_day, opportunities)
ON CONFLICT (process_id, cohort_day, status, reached_order, stage_order, entered_day, shard) DO UPDATE
   SET opportunities = r.opportunities + excluded.opportunities)"};

constexpr db::Statement kDuration{"add_duration", R"(
INSERT INTO duration_rollup AS r (shard, process_id, stage_order, cohort_day, hours, visits, hours_sum)
SELECT u.shard, u.process_id, u.stage_order, u.cohort_day, u.hours, u.visits, u.hours_sum
  FROM unnest($1::int[], $2::uuid[], $3::integer[], $4::date[], $5::bigint[], $6::bigint[], $7::bigint[])
       AS u(shard, process_id, stage_order, cohort_day, hours, visits, hours_sum)
ON CONFLICT (process_id, cohort_day, stage_order, hours, shard) DO UPDATE
   SET visits = r.visits + excluded.visits, hours_sum = r.hours_sum + excluded.hours_sum)"};

constexpr db::Statement kLoss{"add_loss", R"(
INSERT INTO loss_rollup AS r (shard, process_id, cohort_day, stage_order, status, reason, opportunities)
SELECT u.shard, u.process_id, u.cohort_day, u.stage_order, u.status, u.reason, u.opportunities
  FROM unnest($1::int[], $2::uuid[], $3::date[], $4::integer[], $5::text[], $6::text[], $7::bigint[])
       AS u(shard, process_id, cohort_day, stage_order, status, reason, opportunities)
ON CONFLICT (process_id, cohort_day, stage_order, status, reason, shard) DO UPDATE
   SET opportunities = r.opportunities + excluded.opportunities)"};

constexpr db::Statement kPipeline{"add_pipeline", R"(
INSERT INTO pipeline_rollup AS r (shard, process_id, stage_order, currency, band, opportunities, amount_minor)
SELECT u.shard, u.process_id, u.stage_order, u.currency, u.band, u.opportunities, u.amount_minor
  FROM unnest($1::int[], $2::uuid[], $3::integer[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[])
       AS u(shard, process_id, stage_order, currency, band, opportunities, amount_minor)
ON CONFLICT (process_id, currency, stage_order, band, shard) DO UPDATE
   SET opportunities = r.opportunities + excluded.opportunities, amount_minor = r.amount_minor + excluded.amount_minor)"};

constexpr db::Statement kLead{"add_leads", R"(
INSERT INTO lead_rollup AS r (shard, source, captured_day, state, qualified, converted, won, leads)
SELECT u.shard, u.source, u.captured_day, u.state, u.qualified, u.converted, u.won, u.leads
  FROM unnest($1::int[], $2::text[], $3::date[], $4::text[], $5::boolean[], $6::boolean[], $7::boolean[],
              $8::bigint[]) AS u(shard, source, captured_day, state, qualified, converted, won, leads)
ON CONFLICT (captured_day, source, state, qualified, converted, won, shard) DO UPDATE
   SET leads = r.leads + excluded.leads)"};

constexpr db::Statement kReceivable{"add_receivables", R"(
INSERT INTO receivable_day AS r (shard, dimension, member, currency, due_day, day, instalments, amount_minor)
SELECT u.shard, u.dimension, u.member, u.currency, u.due_day, u.day, u.instalments, u.amount_minor
  FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::date[], $6::date[], $7::bigint[], $8::bigint[])
       AS u(shard, dimension, member, currency, due_day, day, instalments, amount_minor)
ON CONFLICT (dimension, member, currency, day, due_day, shard) DO UPDATE
   SET instalments = r.instalments + excluded.instalments, amount_minor = r.amount_minor + excluded.amount_minor)"};

// The role may not TRUNCATE what it does not own. One statement, so that the time it takes grows with what
// there is and no deadline of the transaction comes between its parts.
constexpr db::Statement kWithoutTimeout{"delete_without_timeout",
                                        "SELECT set_config('statement_timeout', '0', true)"};
constexpr db::Statement kDelete{"delete_projections", R"(
WITH d1 AS (DELETE FROM stage), d2 AS (DELETE FROM opportunity_fact), d3 AS (DELETE FROM lead_fact),
     d4 AS (DELETE FROM receivable_instalment), d5 AS (DELETE FROM receivable), d6 AS (DELETE FROM funnel_now),
     d7 AS (DELETE FROM funnel_day), d8 AS (DELETE FROM conversion_rollup), d9 AS (DELETE FROM duration_rollup),
     d10 AS (DELETE FROM loss_rollup), d11 AS (DELETE FROM pipeline_rollup), d12 AS (DELETE FROM lead_rollup),
     d13 AS (DELETE FROM receivable_day), d14 AS (DELETE FROM inbox), d15 AS (DELETE FROM consumer_position)
DELETE FROM dead_letter)"};

bool Zero(const Tally& tally) { return tally.count == 0 && tally.amount_minor == 0; }
bool Zero(std::int64_t count) { return count == 0; }

template <class Map>
std::vector<const typename Map::value_type*> NotZero(const Map& map) {
  std::vector<const typename Map::value_type*> rows;
  for (const auto& row : map)
    if (!Zero(row.second)) rows.push_back(&row);
  return rows;
}

// A column of the keys: KEY(member).
#define KEY(name) Column(rows, [](const auto* r) { return r->first.name; })
#define COUNT Column(rows, [](const auto* r) { return r->second; })
#define TALLY(name) Column(rows, [](const auto* r) { return r->second.name; })

}  // namespace

void AddToRollups(db::Transaction& tx, const Deltas& deltas) {
  if (const auto rows = NotZero(deltas.funnel); !rows.empty()) {
    const std::initializer_list<db::Param> now{KEY(shard),      KEY(dimension),   KEY(member),
                                               KEY(process_id), KEY(stage_order), KEY(status),
                                               KEY(currency),   TALLY(count),     TALLY(amount_minor)};
    tx.Query(kFunnelNow, now);
    tx.Query(kFunnelDay, {KEY(shard), KEY(dimension), KEY(member), KEY(process_id), KEY(stage_order),
                          KEY(status), KEY(currency), TALLY(count), TALLY(amount_minor), KEY(day)});
  }
  if (const auto rows = NotZero(deltas.conversion); !rows.empty())
    tx.Query(kConversion, {KEY(shard), KEY(process_id), KEY(cohort_day), KEY(status), KEY(reached_order),
                           KEY(stage_order), KEY(entered_day), COUNT});
  if (const auto rows = NotZero(deltas.duration); !rows.empty())
    tx.Query(kDuration, {KEY(shard), KEY(process_id), KEY(stage_order), KEY(cohort_day), KEY(hours),
                         TALLY(count), TALLY(amount_minor)});
  if (const auto rows = NotZero(deltas.loss); !rows.empty())
    tx.Query(kLoss, {KEY(shard), KEY(process_id), KEY(cohort_day), KEY(stage_order), KEY(status), KEY(reason),
                     COUNT});
  if (const auto rows = NotZero(deltas.pipeline); !rows.empty())
    tx.Query(kPipeline, {KEY(shard), KEY(process_id), KEY(stage_order), KEY(currency), KEY(band),
                         TALLY(count), TALLY(amount_minor)});
  if (const auto rows = NotZero(deltas.lead); !rows.empty())
    tx.Query(kLead, {KEY(shard), KEY(source), KEY(captured_day), KEY(state), KEY(qualified), KEY(converted),
                     KEY(won), COUNT});
  if (const auto rows = NotZero(deltas.receivable); !rows.empty())
    tx.Query(kReceivable, {KEY(shard), KEY(dimension), KEY(member), KEY(currency), KEY(due_day), KEY(day),
                           TALLY(count), TALLY(amount_minor)});
}

void DeleteProjections(db::Transaction& tx) {
  tx.Query(kWithoutTimeout);
  tx.Query(kDelete);
}

#undef KEY
#undef COUNT
#undef TALLY

}  // namespace crm::analytics
