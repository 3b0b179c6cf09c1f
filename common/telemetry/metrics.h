#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

// Prometheus metrics of this process, named crm_<area>_<noun>_<unit>. The references stay valid for the life
// of the process: look one up once, then use it. Thread safe.
namespace crm::metrics {

using Labels = std::map<std::string, std::string>;

prometheus::Registry& Registry();
const std::shared_ptr<prometheus::Registry>& RegistryHandle();
prometheus::Counter& Counter(const std::string& name, const std::string& help, const Labels& labels = {});
prometheus::Gauge& Gauge(const std::string& name, const std::string& help, const Labels& labels = {});
// Buckets in seconds, 0.5 ms to 10 s.
prometheus::Histogram& Latency(const std::string& name, const std::string& help, const Labels& labels = {});

// Serves GET /metrics until destroyed. Throws when `address` ("127.0.0.1:9100") cannot be bound.
class Exposer {
 public:
  explicit Exposer(const std::string& address);
  ~Exposer();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace crm::metrics
