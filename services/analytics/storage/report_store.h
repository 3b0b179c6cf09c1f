#pragma once
#include <optional>
#include <string>
#include <vector>

#include "common/db/transaction.h"
#include "services/analytics/domain/conversion.h"
#include "services/analytics/domain/report.h"
#include "services/analytics/domain/resource_plan.h"

namespace crm::analytics {

// Which rows of a dimension.
struct Selection {
  std::string dimension;
  std::optional<std::string> member;  // none = all
};

// Reads of the rollups; none touches the facts. Not thread safe.
class ReportStore {
 public:
  explicit ReportStore(db::Transaction& tx) : tx_(tx) {}

  // Sorted by group, process, stage, status, currency. `as_of`: at the end of that day, otherwise now.
  std::vector<FunnelLine> Funnel(const Selection& selection, std::optional<absl::CivilDay> as_of,
                                 std::optional<Uuid> process_id);

  // The process version with most opportunities opened in the period.
  std::optional<Uuid> BusiestProcess(const Period& period);

  // No stages when the process is unknown. `today` decides who is still within his maximum days.
  Cohort LoadCohort(const Uuid& process_id, const Period& period, absl::CivilDay today);

  // Sorted by number of leads, descending, then by source.
  std::vector<LeadSourceLine> LeadSources(const Period& period);

  struct LeadStock {
    std::int64_t unjudged = 0, qualified = 0;
  };
  LeadStock OpenLeads();

  struct Won {
    std::int64_t opportunities = 0, amount_minor = 0;
  };
  // Won on or after `since`, those taken back since deducted.
  Won WonSince(const Uuid& process_id, const std::string& currency, absl::CivilDay since);

  // Open opportunities by stage order, of all currencies.
  std::map<int, std::int64_t> OpenByStage(const Uuid& process_id);

  struct Band {
    int stage_order = 0;
    std::int64_t opportunities = 0, amount_minor = 0;
  };
  std::vector<Band> Pipeline(const Uuid& process_id, const std::string& currency);

  // Sorted by group and currency.
  std::vector<AgeingLine> Ageing(const Selection& selection, absl::CivilDay as_of);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::analytics
