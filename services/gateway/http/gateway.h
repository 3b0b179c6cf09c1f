#pragma once
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "services/gateway/backend/backend.h"
#include "services/gateway/http/reply.h"
#include "services/gateway/transcode/routes.h"

namespace crm::gateway {

struct GatewayOptions {
  Limits limits;
  std::vector<std::string> allowed_origins;     // of CORS; "*" = any; empty = none
  std::map<std::string, std::string> backends;  // name to address; one that is missing or empty is not there
};

// What all connections share. Thread safe.
class Gateway {
 public:
  Gateway(GatewayOptions options, Routes routes, std::string openapi);

  const Limits& limits() const { return options_.limits; }
  const Routes& routes() const { return routes_; }
  const std::string& openapi() const { return openapi_; }
  const std::map<std::string, std::string>& backend_addresses() const { return options_.backends; }

  bool OriginAllowed(std::string_view origin) const;
  // Adds the CORS headers that `origin` is due; none when it is not allowed.
  void AddCorsHeaders(std::string_view origin, Headers& headers) const;

  std::atomic<bool> draining = false;
  std::atomic<std::size_t> connections = 0;

  // Metrics and the one log line of an answered request; `method` is the gRPC path or the endpoint.
  void Answered(std::string_view verb, std::string_view path, const std::string& method, int status,
                absl::Duration took, std::string_view traceparent);

  // The last health report, when it is younger than a second.
  std::optional<Reply> RecentHealth();
  void RememberHealth(const Reply& reply);

 private:
  const GatewayOptions options_;
  const Routes routes_;
  const std::string openapi_;
  std::map<std::string, prometheus::Histogram*, std::less<>> seconds_;
  std::array<std::atomic<prometheus::Counter*>, 600> answers_{};
  std::mutex health_mutex_;
  Reply health_;
  absl::Time health_time_ = absl::InfinitePast();
};

}  // namespace crm::gateway
