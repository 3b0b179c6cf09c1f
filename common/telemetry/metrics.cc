#include "common/telemetry/metrics.h"

#include "prometheus/exposer.h"

namespace crm::metrics {

prometheus::Registry& Registry() { return *RegistryHandle(); }

const std::shared_ptr<prometheus::Registry>& RegistryHandle() {
  static const auto registry = std::make_shared<prometheus::Registry>();
  return registry;
}

prometheus::Counter& Counter(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(Registry()).Add(labels);
}

prometheus::Gauge& Gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(Registry()).Add(labels);
}

prometheus::Histogram& Latency(const std::string& name, const std::string& help, const Labels& labels) {
  static const prometheus::Histogram::BucketBoundaries kBuckets = {
      0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
  return prometheus::BuildHistogram().Name(name).Help(help).Register(Registry()).Add(labels, kBuckets);
}

struct Exposer::State {
  explicit State(const std::string& address) : exposer(address, 1) {
    exposer.RegisterCollectable(RegistryHandle());
  }
  prometheus::Exposer exposer;
};

Exposer::Exposer(const std::string& address) : state_(std::make_unique<State>(address)) {}
Exposer::~Exposer() = default;

}  // namespace crm::metrics
