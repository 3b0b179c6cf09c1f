#include "services/analytics/storage/report_store.h"

#include <algorithm>

namespace crm::analytics {
namespace {

constexpr db::Statement kFunnelNow{"report_funnel_now", R"(
SELECT f.member, f.process_id, f.stage_order, coalesce(s.key, ''), coalesce(s.name, ''), f.status, f.currency,
       sum(f.opportunities)::bigint, sum(f.amount_minor)::bigint
  FROM funnel_now f
  LEFT JOIN stage s ON s.process_id = f.process_id AND s.stage_order = f.stage_order
 WHERE f.dimension = $1 AND ($2::text IS NULL OR f.member = $2) AND ($3::uuid IS NULL OR f.process_id = $3)
 GROUP BY f.member, f.process_id, f.stage_order, s.key, s.name, f.status, f.currency
HAVING sum(f.opportunities) <> 0
 ORDER BY f.member, f.process_id, f.stage_order, f.status, f.currency)"};

constexpr db::Statement kFunnelAsOf{"report_funnel_as_of", R"(
SELECT f.member, f.process_id, f.stage_order, coalesce(s.key, ''), coalesce(s.name, ''), f.status, f.currency,
       sum(f.opportunities)::bigint, sum(f.amount_minor)::bigint
  FROM funnel_day f
  LEFT JOIN stage s ON s.process_id = f.process_id AND s.stage_order = f.stage_order
 WHERE f.dimension = $1 AND ($2::text IS NULL OR f.member = $2) AND ($3::uuid IS NULL OR f.process_id = $3)
   AND f.day <= $4::date
 GROUP BY f.member, f.process_id, f.stage_order, s.key, s.name, f.status, f.currency
HAVING sum(f.opportunities) <> 0
 ORDER BY f.member, f.process_id, f.stage_order, f.status, f.currency)"};

constexpr db::Statement kBusiestProcess{"report_busiest_process", R"(
SELECT process_id FROM conversion_rollup WHERE cohort_day BETWEEN $1::date AND $2::date
 GROUP BY process_id HAVING sum(opportunities) > 0
 ORDER BY sum(opportunities) DESC, process_id LIMIT 1)"};

constexpr db::Statement kStages{"report_stages", R"(
SELECT stage_order, key, name, probability_percent, maximum_days FROM stage WHERE process_id = $1
 ORDER BY stage_order)"};

constexpr db::Statement kReached{"report_reached", R"(
SELECT r.status = 'OPEN' AND (coalesce(s.maximum_days, 0) = 0 OR r.entered_day + s.maximum_days >= $4::date),
       r.reached_order, sum(r.opportunities)::bigint
  FROM conversion_rollup r
  LEFT JOIN stage s ON s.process_id = r.process_id AND s.stage_order = r.stage_order
 WHERE r.process_id = $1 AND r.cohort_day BETWEEN $2::date AND $3::date
 GROUP BY 1, 2)"};

constexpr db::Statement kDurations{"report_durations", R"(
SELECT stage_order, hours, sum(visits)::bigint, sum(hours_sum)::bigint
  FROM duration_rollup WHERE process_id = $1 AND cohort_day BETWEEN $2::date AND $3::date
 GROUP BY stage_order, hours HAVING sum(visits) <> 0)"};

constexpr db::Statement kLosses{"report_losses", R"(
SELECT stage_order, status, reason, sum(opportunities)::bigint
  FROM loss_rollup WHERE process_id = $1 AND cohort_day BETWEEN $2::date AND $3::date
 GROUP BY stage_order, status, reason HAVING sum(opportunities) <> 0
 ORDER BY sum(opportunities) DESC, stage_order, status, reason LIMIT 200)"};

constexpr db::Statement kLeadSources{"report_lead_sources", R"(
SELECT source, sum(leads)::bigint, coalesce(sum(leads) FILTER (WHERE qualified), 0)::bigint,
       coalesce(sum(leads) FILTER (WHERE converted), 0)::bigint, coalesce(sum(leads) FILTER (WHERE won), 0)::bigint
  FROM lead_rollup WHERE captured_day BETWEEN $1::date AND $2::date
 GROUP BY source HAVING sum(leads) <> 0
 ORDER BY sum(leads) DESC, source)"};

constexpr db::Statement kOpenLeads{"report_open_leads", R"(
SELECT coalesce(sum(leads) FILTER (WHERE NOT qualified), 0)::bigint,
       coalesce(sum(leads) FILTER (WHERE qualified), 0)::bigint
  FROM lead_rollup WHERE state IN ('NEW', 'ASSIGNED', 'WORKING', 'POOLED'))"};

constexpr db::Statement kWonSince{"report_won_since", R"(
SELECT coalesce(sum(opportunities), 0)::bigint, coalesce(sum(amount_minor), 0)::bigint
  FROM funnel_day
 WHERE dimension = 'TOTAL' AND status = 'WON' AND process_id = $1 AND currency = $2 AND day >= $3::date)"};

constexpr db::Statement kOpenByStage{"report_open_by_stage", R"(
SELECT stage_order, sum(opportunities)::bigint
  FROM funnel_now WHERE dimension = 'TOTAL' AND member = '' AND process_id = $1 AND status = 'OPEN'
 GROUP BY stage_order)"};

constexpr db::Statement kPipeline{"report_pipeline", R"(
SELECT stage_order, sum(opportunities)::bigint, sum(amount_minor)::bigint
  FROM pipeline_rollup WHERE process_id = $1 AND currency = $2
 GROUP BY stage_order, band HAVING sum(opportunities) > 0
 ORDER BY stage_order, band)"};

constexpr db::Statement kAgeing{"report_ageing", R"(
SELECT member, currency, due_day, sum(instalments)::bigint, sum(amount_minor)::bigint
  FROM receivable_day
 WHERE dimension = $1 AND ($2::text IS NULL OR member = $2) AND day <= $3::date
 GROUP BY member, currency, due_day HAVING sum(instalments) <> 0 OR sum(amount_minor) <> 0
 ORDER BY member, currency, due_day)"};

}  // namespace

std::vector<FunnelLine> ReportStore::Funnel(const Selection& selection, std::optional<absl::CivilDay> as_of,
                                            std::optional<Uuid> process_id) {
  const db::Rows rows =
      as_of ? tx_.Query(kFunnelAsOf, {selection.dimension, selection.member, process_id, *as_of})
            : tx_.Query(kFunnelNow, {selection.dimension, selection.member, process_id});
  std::vector<FunnelLine> lines;
  for (db::Row row : rows) {
    FunnelLine& line = lines.emplace_back();
    line.group = row.Next<std::string>();
    line.stage.process_id = row.Next<Uuid>();
    line.stage.order = row.Next<int>();
    line.stage.key = row.Next<std::string>();
    line.stage.name = row.Next<std::string>();
    line.status = row.Next<std::string>();
    line.currency = row.Next<std::string>();
    line.opportunities = row.Next<std::int64_t>();
    line.amount_minor = row.Next<std::int64_t>();
  }
  return lines;
}

std::optional<Uuid> ReportStore::BusiestProcess(const Period& period) {
  const db::Rows rows = tx_.Query(kBusiestProcess, {period.from, period.to});
  if (rows.empty()) return std::nullopt;
  return rows[0].Next<Uuid>();
}

Cohort ReportStore::LoadCohort(const Uuid& process_id, const Period& period, absl::CivilDay today) {
  Cohort cohort{.process_id = process_id, .stages = {}, .reached = {}, .durations = {}, .losses = {}};
  const absl::CivilDay from = period.from, to = period.to;
  for (db::Row row : tx_.Query(kStages, {process_id})) {
    Stage& stage = cohort.stages.emplace_back();
    stage.process_id = process_id;
    stage.order = row.Next<int>();
    stage.key = row.Next<std::string>();
    stage.name = row.Next<std::string>();
    stage.probability_percent = row.Next<int>();
    stage.maximum_days = row.Next<int>();
  }
  for (db::Row row : tx_.Query(kReached, {process_id, from, to, today})) {
    const bool undecided = row.Next<bool>();
    const int order = row.Next<int>();
    (undecided ? cohort.undecided : cohort.reached[order]) += row.Next<std::int64_t>();
  }
  for (db::Row row : tx_.Query(kDurations, {process_id, from, to})) {
    Durations& durations = cohort.durations[row.Next<int>()];
    const auto hours = row.Next<std::int64_t>();
    const auto visits = row.Next<std::int64_t>();
    durations.hours[hours] += visits;
    durations.visits += visits;
    durations.hours_sum += row.Next<std::int64_t>();
  }
  for (db::Row row : tx_.Query(kLosses, {process_id, from, to})) {
    LossReason& loss = cohort.losses.emplace_back();
    loss.stage_order = row.Next<int>();
    loss.status = row.Next<std::string>();
    loss.reason = row.Next<std::string>();
    loss.opportunities = row.Next<std::int64_t>();
  }
  return cohort;
}

std::vector<LeadSourceLine> ReportStore::LeadSources(const Period& period) {
  std::vector<LeadSourceLine> lines;
  for (db::Row row : tx_.Query(kLeadSources, {period.from, period.to})) {
    LeadSourceLine& line = lines.emplace_back();
    line.source = row.Next<std::string>();
    line.leads = row.Next<std::int64_t>();
    line.qualified = row.Next<std::int64_t>();
    line.converted = row.Next<std::int64_t>();
    line.won = row.Next<std::int64_t>();
  }
  return lines;
}

ReportStore::LeadStock ReportStore::OpenLeads() {
  const db::Rows rows = tx_.Query(kOpenLeads);
  db::Row row = rows[0];
  LeadStock stock;
  stock.unjudged = row.Next<std::int64_t>();
  stock.qualified = row.Next<std::int64_t>();
  return stock;
}

ReportStore::Won ReportStore::WonSince(const Uuid& process_id, const std::string& currency,
                                       absl::CivilDay since) {
  const db::Rows rows = tx_.Query(kWonSince, {process_id, currency, since});
  db::Row row = rows[0];
  Won won;
  won.opportunities = row.Next<std::int64_t>();
  won.amount_minor = row.Next<std::int64_t>();
  return won;
}

std::map<int, std::int64_t> ReportStore::OpenByStage(const Uuid& process_id) {
  std::map<int, std::int64_t> open;
  for (db::Row row : tx_.Query(kOpenByStage, {process_id})) {
    const int order = row.Next<int>();
    open[order] = row.Next<std::int64_t>();
  }
  return open;
}

std::vector<ReportStore::Band> ReportStore::Pipeline(const Uuid& process_id, const std::string& currency) {
  std::vector<Band> bands;
  for (db::Row row : tx_.Query(kPipeline, {process_id, currency})) {
    Band& band = bands.emplace_back();
    band.stage_order = row.Next<int>();
    band.opportunities = row.Next<std::int64_t>();
    band.amount_minor = row.Next<std::int64_t>();
  }
  return bands;
}

std::vector<AgeingLine> ReportStore::Ageing(const Selection& selection, absl::CivilDay as_of) {
  std::vector<AgeingLine> lines;
  for (db::Row row : tx_.Query(kAgeing, {selection.dimension, selection.member, as_of})) {
    std::string group = row.Next<std::string>(), currency = row.Next<std::string>();
    if (lines.empty() || lines.back().group != group || lines.back().currency != currency) {
      AgeingLine& line = lines.emplace_back();
      line.group = std::move(group);
      line.currency = std::move(currency);
    }
    const auto bucket = static_cast<std::size_t>(AgeOf(row.Next<absl::CivilDay>(), as_of));
    lines.back().instalments += row.Next<std::int64_t>();
    lines.back().outstanding_minor[bucket] += row.Next<std::int64_t>();
  }
  return lines;
}

}  // namespace crm::analytics
