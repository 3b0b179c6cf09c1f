#include "bench/load/load.h"

#include <algorithm>

namespace crm::bench {

LoadResult Summarize(std::vector<float> latencies_ms, std::int64_t errors, absl::Duration length,
                     std::string first_error) {
  LoadResult result;
  result.calls = static_cast<std::int64_t>(latencies_ms.size());
  result.errors = errors;
  result.first_error = std::move(first_error);
  result.rate = static_cast<double>(result.calls) / absl::ToDoubleSeconds(length);
  if (latencies_ms.empty()) return result;
  const auto quantile = [&latencies_ms](double p) {
    const auto at =
        latencies_ms.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(latencies_ms.size() - 1));
    std::nth_element(latencies_ms.begin(), at, latencies_ms.end());
    return static_cast<double>(*at);
  };
  result.p50_ms = quantile(0.5);
  result.p99_ms = quantile(0.99);
  result.p999_ms = quantile(0.999);
  return result;
}

}  // namespace crm::bench
