#include "services/analytics/app/reports.h"

#include "absl/time/clock.h"
#include "services/analytics/app/visible.h"

namespace crm::analytics {
namespace {

// Runs `read` on the rollups and answers what it found.
template <class Result>
absl::StatusOr<Result> Read(
    const ReportContext& context, std::string_view dimension,
    const std::function<absl::Status(ReportStore&, const Selection&, Result&)>& read) {
  const absl::StatusOr<Selection> selection = Visible(context, dimension);
  if (!selection.ok()) return selection.status();
  Result result;
  const absl::Status status =
      db::RunStatements(context.pool, context.caller.deadline, [&](db::Transaction& tx) {
        ReportStore store(tx);
        result = {};
        return read(store, *selection, result);
      });
  if (!status.ok()) return status;
  return result;
}

}  // namespace

absl::StatusOr<std::vector<FunnelLine>> GetFunnel(const ReportContext& context, const FunnelQuery& query) {
  using Lines = std::vector<FunnelLine>;
  return Read<Lines>(context, query.dimension,
                     [&](ReportStore& store, const Selection& selection, Lines& lines) {
                       lines = store.Funnel(selection, query.as_of, query.process_id);
                       return absl::OkStatus();
                     });
}

absl::StatusOr<Conversion> GetConversion(const ReportContext& context, const ConversionQuery& query) {
  const absl::CivilDay today = absl::ToCivilDay(absl::Now(), context.zone);
  // Of all owners: a narrower scope has no rows of its own here.
  return Read<Conversion>(context, "CONVERSION",
                          [&](ReportStore& store, const Selection&, Conversion& conversion) {
                            const std::optional<Uuid> process =
                                query.process_id ? query.process_id : store.BusiestProcess(query.period);
                            if (!process) return absl::OkStatus();  // nothing has been opened yet
                            const Cohort cohort = store.LoadCohort(*process, query.period, today);
                            if (cohort.stages.empty())
                              return errors::NotFound("sales_process", process->ToString(), "process_id");
                            conversion = Convert(cohort);
                            return absl::OkStatus();
                          });
}

absl::StatusOr<std::vector<LeadSourceLine>> GetLeadConversion(const ReportContext& context,
                                                              const Period& period) {
  using Lines = std::vector<LeadSourceLine>;
  return Read<Lines>(context, "LEAD", [&](ReportStore& store, const Selection&, Lines& lines) {
    lines = store.LeadSources(period);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<AgeingLine>> GetAgeing(const ReportContext& context, const AgeingQuery& query) {
  using Lines = std::vector<AgeingLine>;
  return Read<Lines>(context, query.dimension,
                     [&](ReportStore& store, const Selection& selection, Lines& lines) {
                       lines = store.Ageing(selection, query.as_of);
                       return absl::OkStatus();
                     });
}

}  // namespace crm::analytics
