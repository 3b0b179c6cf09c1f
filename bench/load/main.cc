// guanxi-bench: rate, latency and memory of the hot paths beside their anchors, in one run on one machine.
// Only the ratios are judged.
#include <cstdio>
#include <exception>
#include <filesystem>

#include "absl/synchronization/mutex.h"
#include "bench/load/echo_server.h"
#include "bench/load/report.h"
#include "bench/load/scenarios.h"
#include "common/base/config.h"

int main(int argc, char** argv) {
  using namespace crm;
  // As the services do it, for the echo and the calling side alike.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  if (argc == 4 && std::string_view(argv[1]) == "--echo-server")
    return bench::RunEchoServer(argv[2], argv[3]);

  Config config("guanxi-bench",
                "Measures the hot paths beside their anchors; starts everything it needs itself.");
  config.Text("json", "", "file for the figures: {scenario, value, unit, anchor, ratio, goal, met}")
      .Text("baseline", CRM_BASELINE, "ratios to compare with")
      .Bool("write-baseline", false, "write the ratios there instead")
      .Int("customers", 100'000, "customers there are before the measuring")
      .Int("leads", 20'000, "leads there are before the measuring")
      .Int("outstanding", 64, "calls under way at a time")
      .Int("rounds", 3, "interleaved rounds; ratios are their median")
      .Duration("length", absl::Seconds(3), "of each scenario in each round")
      .Int("offered", 500, "captures per second of the open loop");
  const absl::Status parsed = config.Parse(argc, argv);
  if (config.help_requested()) return std::puts(config.Help().c_str()), 0;
  if (!parsed.ok()) return std::fprintf(stderr, "%s\n", std::string(parsed.message()).c_str()), 2;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);

  bench::BenchOptions options;
  options.customers = static_cast<int>(config.Int("customers"));
  options.leads = static_cast<int>(config.Int("leads"));
  options.outstanding = static_cast<int>(config.Int("outstanding"));
  options.rounds = static_cast<int>(config.Int("rounds"));
  options.seconds = absl::ToDoubleSeconds(config.Duration("length"));
  options.offered_per_s = static_cast<double>(config.Int("offered"));
  options.self = std::filesystem::read_symlink("/proc/self/exe");
  std::vector<bench::Figure> figures;
  try {
    figures = bench::RunScenarios(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "guanxi-bench: %s\n", error.what());
    return 1;
  }
  bench::Print(figures, config.Text("baseline"));
  if (config.Bool("write-baseline") && !bench::WriteBaseline(figures, config.Text("baseline"))) {
    std::fprintf(stderr, "cannot write %s\n", config.Text("baseline").c_str());
    return 1;
  }
  if (const std::string& path = config.Text("json"); !path.empty() && !bench::WriteJson(figures, path)) {
    std::fprintf(stderr, "cannot write %s\n", path.c_str());
    return 1;
  }
}
