#include "services/gateway/http/gateway.h"

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/telemetry/log.h"
#include "common/telemetry/metrics.h"

namespace crm::gateway {

Gateway::Gateway(GatewayOptions options, Routes routes, std::string openapi)
    : options_(std::move(options)), routes_(std::move(routes)), openapi_(std::move(openapi)) {
  const auto add = [this](const std::string& method) {
    seconds_[method] = &metrics::Latency("crm_gateway_request_seconds",
                                         "Time from a request's head to its answer", {{"method", method}});
  };
  for (const Method& method : routes_.methods()) add(method.grpc_path);
  for (const char* name : {"/healthz", "/metrics", "/openapi.json", "other"}) add(name);
}

bool Gateway::OriginAllowed(std::string_view origin) const {
  for (const std::string& allowed : options_.allowed_origins)
    if (allowed == "*" || allowed == origin) return true;
  return false;
}

void Gateway::AddCorsHeaders(std::string_view origin, Headers& headers) const {
  if (options_.allowed_origins.empty()) return;
  headers.emplace_back("Vary", "Origin");
  if (origin.empty() || !OriginAllowed(origin)) return;
  headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
  headers.emplace_back("Access-Control-Expose-Headers",
                       "grpc-status, grpc-message, grpc-status-details-bin, retry-after");
}

void Gateway::Answered(std::string_view verb, std::string_view path, const std::string& method, int status,
                       absl::Duration took, std::string_view traceparent) {
  const auto found = seconds_.find(method);
  (found == seconds_.end() ? seconds_.find("other") : found)->second->Observe(absl::ToDoubleSeconds(took));
  if (status > 0 && status < static_cast<int>(answers_.size())) {
    auto* counter = answers_[status].load(std::memory_order_acquire);
    if (counter == nullptr) {
      counter = &metrics::Counter("crm_gateway_answers_total", "Requests answered",
                                  {{"status", absl::StrCat(status)}});
      answers_[status].store(counter, std::memory_order_release);
    }
    counter->Increment();
  }
  LogFields(absl::StrFormat(R"("http":"%s %s","method":"%s","status":%d,"ms":%.3f,"trace":"%s")", verb,
                            JsonEscape(path), method, status, absl::ToDoubleMilliseconds(took), traceparent));
}

std::optional<Reply> Gateway::RecentHealth() {
  std::lock_guard lock(health_mutex_);
  if (absl::Now() - health_time_ > absl::Seconds(1)) return std::nullopt;
  return health_;
}

void Gateway::RememberHealth(const Reply& reply) {
  std::lock_guard lock(health_mutex_);
  health_ = reply;
  health_time_ = absl::Now();
}

}  // namespace crm::gateway
