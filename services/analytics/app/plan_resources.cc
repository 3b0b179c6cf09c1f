#include "services/analytics/app/plan_resources.h"

#include "absl/time/clock.h"
#include "services/analytics/app/visible.h"

namespace crm::analytics {
namespace {

constexpr absl::CivilDay kBeginning(1, 1, 2);

// Everything of the rollups that a plan needs.
struct History {
  Conversion conversion;
  LeadSourceLine leads;
  ReportStore::LeadStock open_leads;
  ReportStore::Won won, committed;
  std::map<int, std::int64_t> open;
  std::vector<ReportStore::Band> pipeline;
};

absl::Status Load(ReportStore& store, const PlanQuery& query, absl::CivilDay today, History& history) {
  history = {};
  const Period period{query.history_from, today};
  const std::optional<Uuid> process = query.process_id ? query.process_id : store.BusiestProcess(period);
  if (!process)
    return errors::FailedPrecondition(
        "NOT_ENOUGH_HISTORY",
        "no opportunity was opened in this history; give process_id, or a longer history",
        {{"missing", "process_id"}});
  const Cohort cohort = store.LoadCohort(*process, period, today);
  if (cohort.stages.empty()) return errors::NotFound("sales_process", process->ToString(), "process_id");
  history.conversion = Convert(cohort);
  for (const LeadSourceLine& line : store.LeadSources(period)) {
    history.leads.leads += line.leads;
    history.leads.qualified += line.qualified;
    history.leads.converted += line.converted;
  }
  history.open_leads = store.OpenLeads();
  history.won = store.WonSince(*process, query.target.currency, kBeginning);
  history.committed = store.WonSince(*process, query.target.currency, query.period_start);
  history.open = store.OpenByStage(*process);
  history.pipeline = store.Pipeline(*process, query.target.currency);
  return absl::OkStatus();
}

PlanInputs ToInputs(const PlanQuery& query, const History& history, absl::CivilDay today) {
  PlanInputs inputs;
  inputs.target_minor = static_cast<double>(query.target.minor_units);
  inputs.committed_minor =
      static_cast<double>(query.committed_minor.value_or(history.committed.amount_minor));
  if (query.average_deal_minor) {
    inputs.average_deal_minor = static_cast<double>(*query.average_deal_minor);
  } else if (history.won.opportunities > 0) {
    inputs.average_deal_minor =
        static_cast<double>(history.won.amount_minor) / static_cast<double>(history.won.opportunities);
  }
  inputs.stages.push_back({.key = "lead",
                           .name = "Lead",
                           .department = Department::kAcquire,
                           .conversion = WilsonRate(history.leads.qualified, history.leads.leads),
                           .stock = history.open_leads.unjudged});
  inputs.stages.push_back({.key = "qualified",
                           .name = "Qualified lead",
                           .department = Department::kNurture,
                           .conversion = WilsonRate(history.leads.converted, history.leads.qualified),
                           .stock = history.open_leads.qualified});
  for (const StageConversion& stage : history.conversion.stages) {
    const auto open = history.open.find(stage.stage.order);
    for (const ReportStore::Band& band : history.pipeline)
      if (band.stage_order == stage.stage.order)
        inputs.pipeline.push_back({.stage = static_cast<int>(inputs.stages.size()),
                                   .count = band.opportunities,
                                   .mean_amount_minor = static_cast<double>(band.amount_minor) /
                                                        static_cast<double>(band.opportunities)});
    inputs.stages.push_back({.key = stage.stage.key,
                             .name = stage.stage.name,
                             .department = Department::kPursue,
                             .conversion = stage.to_next,
                             .median_days = stage.median_days,
                             .stock = open == history.open.end() ? 0 : open->second});
  }
  for (PlanStage& stage : inputs.stages) {
    const auto assumed = query.stages.find(stage.key);
    if (assumed == query.stages.end()) continue;
    if (assumed->second.conversion) stage.conversion = GivenRate(*assumed->second.conversion);
    if (assumed->second.days) stage.median_days = *assumed->second.days;
    stage.effort_hours = assumed->second.effort_hours;
  }
  inputs.today = today;
  inputs.period_end = query.period_end;
  inputs.hours_per_person = query.hours_per_person;
  inputs.ramp = query.ramp;
  inputs.people = query.people;
  inputs.seed = query.seed;
  inputs.trials = query.trials;
  return inputs;
}

absl::Status CheckAssumptions(const PlanQuery& query, const PlanInputs& inputs) {
  errors::Violations violations;
  for (const auto& [key, assumption] : query.stages) {
    const auto known = [&key = key](const PlanStage& stage) { return stage.key == key; };
    if (std::none_of(inputs.stages.begin(), inputs.stages.end(), known))
      violations.Add("stages", "UNKNOWN_STAGE",
                     absl::StrCat("\"", key, "\" is neither lead nor qualified nor a stage of the process"));
  }
  return violations.ToStatus();
}

}  // namespace

absl::StatusOr<PlannedResources> PlanResources(const ReportContext& context, const PlanQuery& query) {
  const absl::StatusOr<Selection> visible = Visible(context, "PLAN");
  if (!visible.ok()) return visible.status();
  const absl::CivilDay today = absl::ToCivilDay(absl::Now(), context.zone);
  History history;
  const absl::Status loaded =
      db::RunStatements(context.pool, context.caller.deadline, [&](db::Transaction& tx) {
        ReportStore store(tx);
        return Load(store, query, today, history);
      });
  if (!loaded.ok()) return loaded;
  PlannedResources planned{
      .process_id = history.conversion.process_id, .inputs = ToInputs(query, history, today), .plan = {}};
  if (absl::Status bad = CheckAssumptions(query, planned.inputs); !bad.ok()) return bad;
  absl::StatusOr<ResourcePlan> plan = MakePlan(planned.inputs);
  if (!plan.ok()) return plan.status();
  planned.plan = *std::move(plan);
  return planned;
}

}  // namespace crm::analytics
