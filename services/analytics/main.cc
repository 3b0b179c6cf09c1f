// The analytics service: counts what the other services' events tell, and answers from the counts.

#include "common/base/time_zone.h"
#include "common/service/host.h"
#include "common/telemetry/log.h"
#include "services/analytics/app/forget.h"
#include "services/analytics/events/hear.h"
#include "services/analytics/rpc/analytics_service.h"

int main(int argc, char** argv) {
  using namespace crm;
  service::Host host(
      {.name = "analytics",
       .purpose = "Funnel, conversion, resource planning and receivables, counted from events.",
       .hears = {"customer", "opportunity", "contract_credit"},
       .asks = {},
       .settings =
           [](Config& config) {
             config.Text("time-zone", "UTC", "IANA zone in which days begin and end")
                 .Bool("rebuild", false, "forget everything counted and count again from the logs");
           }},
      argc, argv);
  const std::optional<absl::TimeZone> zone = FindTimeZone(host.config().Text("time-zone"));
  if (!zone) {
    LogCritical("--time-zone names no IANA zone; give one such as Asia/Shanghai");
    return 2;
  }
  if (host.config().Bool("rebuild")) {
    if (const absl::Status status = analytics::Forget(host.pool()); !status.ok()) {
      LogCritical("cannot forget what was counted: ", status.message());
      return 1;
    }
  }
  analytics::AnalyticsHandlers handlers(host.pool(), host.reports(), *zone);
  handlers.Register(host.server());
  analytics::Hear(host.consumer(), host.work(), *zone);
  return host.Run();
}
