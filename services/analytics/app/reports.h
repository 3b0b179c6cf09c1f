#pragma once
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/principal.h"
#include "common/db/pool.h"
#include "common/work/batch.h"
#include "services/analytics/domain/conversion.h"
#include "services/analytics/domain/report.h"

// The questions that are answered by reading rollups alone. All of them read under one predicate: whoever
// sees only what is his own gets his own rows of the dimensions that have them, and PERMISSION_DENIED for the
// others.
namespace crm::analytics {

inline constexpr std::string_view kRead = "analytics:read";

// Where and when reports read.
struct ReportContext {
  db::Pool& pool;
  const work::Caller& caller;
  absl::TimeZone zone;
};

struct FunnelQuery {
  std::string dimension;
  std::optional<absl::CivilDay> as_of;  // end of that day; none = now
  std::optional<Uuid> process_id;
};
absl::StatusOr<std::vector<FunnelLine>> GetFunnel(const ReportContext& context, const FunnelQuery& query);

struct ConversionQuery {
  std::optional<Uuid> process_id;  // none = the one with most opportunities in the period
  Period period;
};
// NOT_FOUND when there is no such process, or none at all.
absl::StatusOr<Conversion> GetConversion(const ReportContext& context, const ConversionQuery& query);

absl::StatusOr<std::vector<LeadSourceLine>> GetLeadConversion(const ReportContext& context,
                                                              const Period& period);

struct AgeingQuery {
  std::string dimension;
  absl::CivilDay as_of;
};
absl::StatusOr<std::vector<AgeingLine>> GetAgeing(const ReportContext& context, const AgeingQuery& query);

}  // namespace crm::analytics
