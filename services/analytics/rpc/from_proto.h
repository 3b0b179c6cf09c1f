#pragma once
#include "absl/status/statusor.h"
#include "crm/analytics/v1/analytics_service.pb.h"
#include "services/analytics/app/plan_resources.h"
#include "services/analytics/app/reports.h"

// Requests into queries: INVALID_ARGUMENT with every violation at once. `today` closes what is left open.
namespace crm::analytics {

absl::StatusOr<FunnelQuery> ToQuery(const v1::GetFunnelRequest& request);
absl::StatusOr<ConversionQuery> ToQuery(const v1::GetConversionRequest& request, absl::CivilDay today);
absl::StatusOr<Period> ToQuery(const v1::GetLeadConversionRequest& request, absl::CivilDay today);
absl::StatusOr<PlanQuery> ToQuery(const v1::PlanResourcesRequest& request, absl::CivilDay today);
absl::StatusOr<AgeingQuery> ToQuery(const v1::GetReceivablesAgeingRequest& request, absl::CivilDay today);

}  // namespace crm::analytics
