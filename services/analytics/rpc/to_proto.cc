#include "services/analytics/rpc/to_proto.h"

#include <cmath>
#include <numeric>

namespace crm::analytics {
namespace {

crm::type::v1::Money ToMoney(const std::string& currency, std::int64_t minor_units) {
  crm::type::v1::Money money;
  money.set_currency_code(currency);
  money.set_minor_units(minor_units);
  return money;
}

v1::Rate ToProto(const Rate& rate) {
  v1::Rate proto;
  proto.set_hits(rate.hits);
  proto.set_trials(rate.trials);
  proto.set_estimate(rate.estimate);
  proto.set_low(rate.low);
  proto.set_high(rate.high);
  return proto;
}

v1::LeadSourceConversion ToProto(const LeadSourceLine& line) {
  v1::LeadSourceConversion proto;
  proto.set_source(line.source);
  proto.set_leads(line.leads);
  *proto.mutable_qualified() = ToProto(WilsonRate(line.qualified, line.leads));
  *proto.mutable_converted() = ToProto(WilsonRate(line.converted, line.leads));
  *proto.mutable_won() = ToProto(WilsonRate(line.won, line.leads));
  return proto;
}

v1::Department ToProto(Department department) {
  switch (department) {
    case Department::kAcquire:
      return v1::DEPARTMENT_ACQUIRE;
    case Department::kNurture:
      return v1::DEPARTMENT_NURTURE;
    case Department::kPursue:
      return v1::DEPARTMENT_PURSUE;
  }
  return v1::DEPARTMENT_UNSPECIFIED;
}

v1::StagePlan ToProto(const PlanStage& stage, const StageNeed& need) {
  v1::StagePlan proto;
  proto.set_stage_key(stage.key);
  proto.set_name(stage.name);
  proto.set_department(ToProto(stage.department));
  *proto.mutable_conversion() = ToProto(stage.conversion);
  proto.set_needed(need.needed);
  proto.set_needed_low(need.low);
  proto.set_needed_high(need.high);
  proto.set_stock(stage.stock);
  proto.set_gap(need.gap);
  proto.set_ready_by_date(absl::FormatCivilTime(need.ready_by));
  proto.set_median_days(stage.median_days);
  proto.set_hours(need.hours);
  proto.set_head_count(need.head_count);
  return proto;
}

}  // namespace

v1::GetFunnelResponse ToProto(const std::vector<FunnelLine>& lines, absl::CivilDay as_of) {
  v1::GetFunnelResponse response;
  response.set_as_of_date(absl::FormatCivilTime(as_of));
  for (const FunnelLine& line : lines) {
    v1::FunnelRow& row = *response.add_rows();
    row.set_group(line.group);
    row.set_process_id(line.stage.process_id.ToString());
    row.set_stage_key(line.stage.key);
    row.set_stage_name(line.stage.name);
    row.set_stage_order(line.stage.order);
    row.set_status(line.status);
    row.set_opportunities(line.opportunities);
    *row.mutable_amount() = ToMoney(line.currency, line.amount_minor);
  }
  return response;
}

v1::GetConversionResponse ToProto(const Conversion& conversion) {
  v1::GetConversionResponse response;
  if (!conversion.process_id.nil()) response.set_process_id(conversion.process_id.ToString());
  response.set_entered(conversion.entered);
  response.set_undecided(conversion.undecided);
  std::map<int, std::string> keys;
  for (const StageConversion& stage : conversion.stages) {
    keys[stage.stage.order] = stage.stage.key;
    v1::StageConversion& proto = *response.add_stages();
    proto.set_key(stage.stage.key);
    proto.set_name(stage.stage.name);
    proto.set_order(stage.stage.order);
    proto.set_reached(stage.reached);
    *proto.mutable_to_next() = ToProto(stage.to_next);
    *proto.mutable_to_won() = ToProto(stage.to_won);
    proto.set_visits(stage.visits);
    proto.set_median_days(stage.median_days);
    proto.set_p80_days(stage.p80_days);
  }
  *response.mutable_win_rate() = ToProto(conversion.win_rate);
  response.set_average_cycle_days(conversion.average_cycle_days);
  response.set_median_cycle_days(conversion.median_cycle_days);
  for (const LossReason& loss : conversion.losses) {
    v1::LossReason& proto = *response.add_losses();
    proto.set_stage_key(keys[loss.stage_order]);
    proto.set_status(loss.status);
    proto.set_reason(loss.reason);
    proto.set_opportunities(loss.opportunities);
  }
  return response;
}

v1::GetLeadConversionResponse ToProto(const std::vector<LeadSourceLine>& lines) {
  v1::GetLeadConversionResponse response;
  LeadSourceLine total;
  for (const LeadSourceLine& line : lines) {
    *response.add_sources() = ToProto(line);
    total.leads += line.leads;
    total.qualified += line.qualified;
    total.converted += line.converted;
    total.won += line.won;
  }
  *response.mutable_total() = ToProto(total);
  return response;
}

v1::PlanResourcesResponse ToProto(const PlannedResources& planned, const std::string& currency) {
  v1::PlanResourcesResponse response;
  response.set_process_id(planned.process_id.ToString());
  response.set_needed_wins(planned.plan.needed_wins);
  *response.mutable_average_deal() = ToMoney(currency, std::llround(planned.inputs.average_deal_minor));
  *response.mutable_committed() = ToMoney(currency, std::llround(planned.inputs.committed_minor));
  for (std::size_t i = 0; i < planned.plan.stages.size(); ++i)
    *response.add_stages() = ToProto(planned.inputs.stages[i], planned.plan.stages[i]);
  for (const DepartmentNeed& need : planned.plan.departments) {
    v1::DepartmentPlan& proto = *response.add_departments();
    proto.set_department(ToProto(need.department));
    proto.set_gap(need.gap);
    proto.set_hours(need.hours);
    proto.set_head_count(need.head_count);
  }
  response.set_head_count(planned.plan.head_count);
  response.set_staffing_gap(planned.plan.staffing_gap);
  response.set_probability(planned.plan.probability);
  response.set_probability_error(planned.plan.probability_error);
  return response;
}

v1::GetReceivablesAgeingResponse ToProto(const std::vector<AgeingLine>& lines, absl::CivilDay as_of) {
  v1::GetReceivablesAgeingResponse response;
  response.set_as_of_date(absl::FormatCivilTime(as_of));
  for (const AgeingLine& line : lines) {
    const auto owed = [&line](AgeBucket bucket) {
      return ToMoney(line.currency, line.outstanding_minor[static_cast<std::size_t>(bucket)]);
    };
    v1::AgeingRow& row = *response.add_rows();
    row.set_group(line.group);
    *row.mutable_current() = owed(AgeBucket::kCurrent);
    *row.mutable_days_1_to_30() = owed(AgeBucket::k1To30);
    *row.mutable_days_31_to_60() = owed(AgeBucket::k31To60);
    *row.mutable_days_61_to_90() = owed(AgeBucket::k61To90);
    *row.mutable_over_90_days() = owed(AgeBucket::kOver90);
    *row.mutable_total() = ToMoney(
        line.currency,
        std::accumulate(line.outstanding_minor.begin(), line.outstanding_minor.end(), std::int64_t{0}));
    row.set_instalments(line.instalments);
  }
  return response;
}

}  // namespace crm::analytics
