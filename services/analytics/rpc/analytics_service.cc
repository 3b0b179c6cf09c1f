#include "services/analytics/rpc/analytics_service.h"

#include "absl/time/clock.h"
#include "services/analytics/rpc/from_proto.h"
#include "services/analytics/rpc/to_proto.h"

namespace crm::analytics {

AnalyticsHandlers::AnalyticsHandlers(db::Pool& pool, rpc::Executor& reports, absl::TimeZone zone)
    : pool_(pool), reports_(reports), zone_(zone) {}

absl::CivilDay AnalyticsHandlers::Today() const { return absl::ToCivilDay(absl::Now(), zone_); }

template <class Request, class Response>
rpc::Handler<Request, Response> AnalyticsHandlers::Report() {
  return rpc::Alone<Request, Response>(reports_, [this](const rpc::Context& context, const Request& request) {
    return Answer(context, request);
  });
}

void AnalyticsHandlers::Register(rpc::Server& server) {
  server.Unary(service_, "GetFunnel", Report<v1::GetFunnelRequest, v1::GetFunnelResponse>());
  server.Unary(service_, "GetConversion", Report<v1::GetConversionRequest, v1::GetConversionResponse>());
  server.Unary(service_, "GetLeadConversion",
               Report<v1::GetLeadConversionRequest, v1::GetLeadConversionResponse>());
  server.Unary(service_, "PlanResources", Report<v1::PlanResourcesRequest, v1::PlanResourcesResponse>());
  server.Unary(service_, "GetReceivablesAgeing",
               Report<v1::GetReceivablesAgeingRequest, v1::GetReceivablesAgeingResponse>());
}

absl::StatusOr<v1::GetFunnelResponse> AnalyticsHandlers::Answer(const rpc::Context& context,
                                                                const v1::GetFunnelRequest& request) {
  const auto query = ToQuery(request);
  if (!query.ok()) return query.status();
  const auto lines = GetFunnel(Context(context), *query);
  if (!lines.ok()) return lines.status();
  return ToProto(*lines, query->as_of.value_or(Today()));
}

absl::StatusOr<v1::GetConversionResponse> AnalyticsHandlers::Answer(const rpc::Context& context,
                                                                    const v1::GetConversionRequest& request) {
  const auto query = ToQuery(request, Today());
  if (!query.ok()) return query.status();
  const auto conversion = GetConversion(Context(context), *query);
  if (!conversion.ok()) return conversion.status();
  return ToProto(*conversion);
}

absl::StatusOr<v1::GetLeadConversionResponse> AnalyticsHandlers::Answer(
    const rpc::Context& context, const v1::GetLeadConversionRequest& request) {
  const auto period = ToQuery(request, Today());
  if (!period.ok()) return period.status();
  const auto lines = GetLeadConversion(Context(context), *period);
  if (!lines.ok()) return lines.status();
  return ToProto(*lines);
}

absl::StatusOr<v1::PlanResourcesResponse> AnalyticsHandlers::Answer(const rpc::Context& context,
                                                                    const v1::PlanResourcesRequest& request) {
  const auto query = ToQuery(request, Today());
  if (!query.ok()) return query.status();
  const auto planned = PlanResources(Context(context), *query);
  if (!planned.ok()) return planned.status();
  return ToProto(*planned, query->target.currency);
}

absl::StatusOr<v1::GetReceivablesAgeingResponse> AnalyticsHandlers::Answer(
    const rpc::Context& context, const v1::GetReceivablesAgeingRequest& request) {
  const auto query = ToQuery(request, Today());
  if (!query.ok()) return query.status();
  const auto lines = GetAgeing(Context(context), *query);
  if (!lines.ok()) return lines.status();
  return ToProto(*lines, query->as_of);
}

}  // namespace crm::analytics
