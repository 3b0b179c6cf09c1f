#pragma once
#include "absl/time/time.h"
#include "common/db/pool.h"
#include "common/rpc/server.h"
#include "crm/analytics/v1/analytics_service.grpc.pb.h"
#include "services/analytics/app/reports.h"

namespace crm::analytics {

// AnalyticsService: every method is a report that runs alone. Lives as long as the server. Days are days in
// `zone`.
class AnalyticsHandlers {
 public:
  AnalyticsHandlers(db::Pool& pool, rpc::Executor& reports, absl::TimeZone zone);
  void Register(rpc::Server& server);

 private:
  ReportContext Context(const rpc::Context& context) const { return {pool_, context.caller, zone_}; }
  absl::CivilDay Today() const;

  absl::StatusOr<v1::GetFunnelResponse> Answer(const rpc::Context& context,
                                               const v1::GetFunnelRequest& request);
  absl::StatusOr<v1::GetConversionResponse> Answer(const rpc::Context& context,
                                                   const v1::GetConversionRequest& request);
  absl::StatusOr<v1::GetLeadConversionResponse> Answer(const rpc::Context& context,
                                                       const v1::GetLeadConversionRequest& request);
  absl::StatusOr<v1::PlanResourcesResponse> Answer(const rpc::Context& context,
                                                   const v1::PlanResourcesRequest& request);
  absl::StatusOr<v1::GetReceivablesAgeingResponse> Answer(const rpc::Context& context,
                                                          const v1::GetReceivablesAgeingRequest& request);
  template <class Request, class Response>
  rpc::Handler<Request, Response> Report();

  db::Pool& pool_;
  rpc::Executor& reports_;
  const absl::TimeZone zone_;
  v1::AnalyticsService::AsyncService service_;
};

}  // namespace crm::analytics
