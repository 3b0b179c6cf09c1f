#include "services/analytics/rpc/from_proto.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/rpc/fields.h"

namespace crm::analytics {
namespace {

constexpr absl::CivilDay kBeginning(1, 1, 2);
constexpr int kMaxTrials = 100'000;
constexpr int kMaxAssumptions = 100;
constexpr double kMaxHours = 1e6, kMaxDays = 1e5, kMaxPeople = 1e6;

std::optional<absl::CivilDay> Day(rpc::Fields& fields, std::string_view field, const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(fields.Date(field, text), &day)) return std::nullopt;
  return day;
}

absl::CivilDay RequiredDay(rpc::Fields& fields, std::string_view field, const std::string& text) {
  if (text.empty()) fields.Add(field, "REQUIRED", "give a day as YYYY-MM-DD");
  return Day(fields, field, text).value_or(absl::CivilDay());
}

std::optional<Uuid> Id(rpc::Fields& fields, std::string_view field, const std::string& text) {
  const Uuid id = fields.OptionalId(field, text);
  return id.nil() ? std::nullopt : std::optional<Uuid>(id);
}

Period PeriodOf(rpc::Fields& fields, const std::string& from, const std::string& to, absl::CivilDay today) {
  const Period period{Day(fields, "from_date", from).value_or(kBeginning),
                      Day(fields, "to_date", to).value_or(today)};
  if (period.from > period.to) fields.Add("from_date", "AFTER_END", "the period ends before it begins");
  return period;
}

// Not below 0, not above `max`, a number.
double Number(rpc::Fields& fields, std::string_view field, double value, double max) {
  if (!std::isfinite(value)) {
    fields.Add(field, "MALFORMED", "give a finite number");
  } else if (value < 0) {
    fields.Add(field, "NEGATIVE", "give 0 or more");
  } else if (value > max) {
    fields.Add(field, "TOO_LARGE", absl::StrCat("give at most ", max));
  }
  return value;
}

std::string DimensionOf(rpc::Fields& fields, v1::GroupBy group_by, bool receivables) {
  fields.Enum("group_by", group_by, v1::GroupBy_IsValid(group_by));
  std::string_view dimension = dimension::kTotal;
  switch (group_by) {
    case v1::GROUP_BY_PERSON:
      dimension = dimension::kOwner;
      break;
    case v1::GROUP_BY_ORG_UNIT:
      dimension = dimension::kOrgUnit;
      break;
    case v1::GROUP_BY_PRODUCT:
      dimension = dimension::kProduct;
      break;
    case v1::GROUP_BY_SOURCE:
      dimension = dimension::kSource;
      break;
    case v1::GROUP_BY_PERIOD:
      dimension = dimension::kPeriod;
      break;
    default:
      break;
  }
  if (receivables && group_by > v1::GROUP_BY_ORG_UNIT && v1::GroupBy_IsValid(group_by))
    fields.Add("group_by", "NOT_SUPPORTED", "receivables are broken down by person or unit");
  return std::string(dimension);
}

Money AmountOf(rpc::Fields& fields, std::string_view field, const crm::type::v1::Money& value,
               const std::string& currency) {
  Money amount = fields.Amount(field, value);
  if (!amount.currency.empty() && !currency.empty() && amount.currency != currency)
    fields.Add(std::string(field) + ".currency_code", "CURRENCY_MISMATCH",
               "give it in the target's currency");
  return amount;
}

}  // namespace

absl::StatusOr<FunnelQuery> ToQuery(const v1::GetFunnelRequest& request) {
  rpc::Fields fields;
  FunnelQuery query;
  query.as_of = Day(fields, "as_of_date", request.as_of_date());
  query.dimension = DimensionOf(fields, request.group_by(), false);
  query.process_id = Id(fields, "process_id", request.process_id());
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<ConversionQuery> ToQuery(const v1::GetConversionRequest& request, absl::CivilDay today) {
  rpc::Fields fields;
  ConversionQuery query;
  query.process_id = Id(fields, "process_id", request.process_id());
  query.period = PeriodOf(fields, request.from_date(), request.to_date(), today);
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<Period> ToQuery(const v1::GetLeadConversionRequest& request, absl::CivilDay today) {
  rpc::Fields fields;
  const Period period = PeriodOf(fields, request.from_date(), request.to_date(), today);
  if (!fields.status().ok()) return fields.status();
  return period;
}

absl::StatusOr<PlanQuery> ToQuery(const v1::PlanResourcesRequest& request, absl::CivilDay today) {
  rpc::Fields fields;
  PlanQuery query;
  query.target = fields.Amount("target", request.target());
  query.period_start = RequiredDay(fields, "period_start_date", request.period_start_date());
  query.period_end = RequiredDay(fields, "period_end_date", request.period_end_date());
  if (!request.period_end_date().empty() && query.period_end < today)
    fields.Add("period_end_date", "PAST_DATE", "plan for a period that has not ended");
  if (query.period_start > query.period_end)
    fields.Add("period_start_date", "AFTER_END", "the period ends before it begins");
  query.process_id = Id(fields, "process_id", request.process_id());
  if (request.has_average_deal()) {
    query.average_deal_minor =
        AmountOf(fields, "average_deal", request.average_deal(), query.target.currency).minor_units;
    if (*query.average_deal_minor == 0)
      fields.Add("average_deal.minor_units", "NOT_POSITIVE", "give more than 0");
  }
  if (request.has_committed())
    query.committed_minor =
        AmountOf(fields, "committed", request.committed(), query.target.currency).minor_units;
  query.history_from = Day(fields, "history_from_date", request.history_from_date()).value_or(kBeginning);
  if (request.stages_size() > kMaxAssumptions) fields.Add("stages", "TOO_MANY", "give at most 100");
  for (int i = 0; i < std::min(request.stages_size(), kMaxAssumptions); ++i) {
    const v1::StageAssumption& given = request.stages(i);
    const std::string path = absl::StrCat("stages[", i, "].");
    StageAssumption assumption;
    const double conversion = Number(fields, path + "conversion", given.conversion(), 1);
    const double days = Number(fields, path + "days", given.days(), kMaxDays);
    if (conversion > 0) assumption.conversion = conversion;
    if (days > 0) assumption.days = days;
    assumption.effort_hours = Number(fields, path + "effort_hours", given.effort_hours(), kMaxHours);
    const std::string key = fields.Line(path + "stage_key", given.stage_key(), 100, 1);
    if (!query.stages.emplace(key, assumption).second)
      fields.Add(path + "stage_key", "DUPLICATE", "name a stage once");
  }
  query.hours_per_person = Number(fields, "hours_per_person", request.hours_per_person(), kMaxHours);
  query.ramp = Number(fields, "ramp", request.ramp(), 1);
  if (query.ramp == 0) query.ramp = 1;
  query.people = Number(fields, "people", request.people(), kMaxPeople);
  query.seed = request.seed() == 0 ? 1 : request.seed();
  query.trials = static_cast<int>(Number(fields, "trials", request.trials(), kMaxTrials));
  if (query.trials == 0) query.trials = 10'000;
  if (!fields.status().ok()) return fields.status();
  return query;
}

absl::StatusOr<AgeingQuery> ToQuery(const v1::GetReceivablesAgeingRequest& request, absl::CivilDay today) {
  rpc::Fields fields;
  AgeingQuery query;
  query.dimension = DimensionOf(fields, request.group_by(), true);
  query.as_of = Day(fields, "as_of_date", request.as_of_date()).value_or(today);
  if (!fields.status().ok()) return fields.status();
  return query;
}

}  // namespace crm::analytics
