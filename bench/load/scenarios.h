#pragma once
#include <string>
#include <vector>

#include "bench/load/report.h"

namespace crm::bench {

struct BenchOptions {
  int customers = 100'000, leads = 20'000;  // there before the measuring begins
  int outstanding = 64, rounds = 3;
  double seconds = 3;          // of each scenario in each round
  double offered_per_s = 500;  // of the open loop
  std::string self;            // this program, which is also the echo server
};

// Starts a private PostgreSQL, Redis and customer service, fills them, and measures every scenario beside its
// anchor in interleaved rounds; ratios are the median over the rounds. Throws when something cannot start or
// answers errors.
std::vector<Figure> RunScenarios(const BenchOptions& options);

}  // namespace crm::bench
