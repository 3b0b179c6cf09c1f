#pragma once
#include <string>
#include <vector>

#include "crm/analytics/v1/analytics_service.pb.h"
#include "services/analytics/app/plan_resources.h"
#include "services/analytics/domain/conversion.h"
#include "services/analytics/domain/report.h"

namespace crm::analytics {

v1::GetFunnelResponse ToProto(const std::vector<FunnelLine>& lines, absl::CivilDay as_of);
v1::GetConversionResponse ToProto(const Conversion& conversion);
v1::GetLeadConversionResponse ToProto(const std::vector<LeadSourceLine>& lines);
v1::PlanResourcesResponse ToProto(const PlannedResources& planned, const std::string& currency);
v1::GetReceivablesAgeingResponse ToProto(const std::vector<AgeingLine>& lines, absl::CivilDay as_of);

}  // namespace crm::analytics
