#include "common/rpc/method.h"

#include "absl/strings/str_format.h"
#include "common/status/errors.h"
#include "common/telemetry/log.h"
#include "common/telemetry/metrics.h"

namespace crm::rpc {

struct Method::Metrics {
  explicit Metrics(const std::string& method)
      : seconds(metrics::Latency("crm_rpc_call_seconds", "Time from a call's arrival to its answer",
                                 {{"method", method}})) {}
  prometheus::Histogram& seconds;
};

Method::Method(std::string name)
    : name_(std::move(name)),
      permission_(Gate::PermissionOf(name_)),
      metrics_(std::make_shared<Metrics>(name_)) {}

void Method::Finished(const Context& context, const absl::Status& status, absl::Time begin) const {
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  metrics_->seconds.Observe(seconds);
  if (!status.ok())
    metrics::Counter("crm_rpc_errors_total", "Calls answered with an error",
                     {{"method", name_}, {"code", absl::StatusCodeToString(status.code())}})
        .Increment();
  LogFields(absl::StrFormat(
      R"("method":"%s","code":"%s","reason":"%s","ms":%.3f,"principal":"%s","trace":"%s")", name_,
      absl::StatusCodeToString(status.code()), status.ok() ? std::string() : errors::Reason(status),
      seconds * 1000,
      context.caller.principal == nullptr ? std::string() : context.caller.principal->id.ToString(),
      context.caller.traceparent));
}

}  // namespace crm::rpc
