#include "bench/load/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace crm::bench {
namespace {

constexpr double kMoved = 0.1;

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string NumberOrNull(const std::optional<double>& number) {
  return number && std::isfinite(*number) ? absl::StrFormat("%.4g", *number) : "null";
}

std::map<std::string, double> ReadBaseline(const std::string& path) {
  std::map<std::string, double> ratios;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (const std::size_t tab = line.find('\t'); tab != std::string::npos)
      ratios[line.substr(0, tab)] = std::strtod(line.c_str() + tab + 1, nullptr);
  return ratios;
}

}  // namespace

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void Print(const std::vector<Figure>& figures, const std::string& baseline) {
  const std::map<std::string, double> before = ReadBaseline(baseline);
  std::printf("\n%-52s %12s %-8s %8s %6s\n", "scenario", "value", "unit", "ratio", "goal");
  for (const Figure& figure : figures) {
    std::string line = absl::StrFormat("%-52s %12.1f %-8s", figure.scenario, figure.value, figure.unit);
    if (figure.ratio) absl::StrAppendFormat(&line, " %8.2f", *figure.ratio);
    if (figure.goal)
      absl::StrAppendFormat(&line, " %6.2f %s", *figure.goal, *figure.met() ? "met" : "MISSED");
    if (const auto found = before.find(figure.scenario);
        figure.ratio && found != before.end() && std::abs(*figure.ratio / found->second - 1) > kMoved)
      absl::StrAppendFormat(&line, "  moved from %.2f", found->second);
    std::printf("%s\n", line.c_str());
  }
}

bool WriteJson(const std::vector<Figure>& figures, const std::string& path) {
  std::ofstream file(path);
  file << "[";
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const Figure& figure = figures[i];
    const std::optional<bool> met = figure.met();
    file << (i == 0 ? "\n" : ",\n") << "  {\"scenario\": " << Quoted(figure.scenario)
         << ", \"value\": " << NumberOrNull(figure.value) << ", \"unit\": " << Quoted(figure.unit)
         << ", \"anchor\": " << (figure.anchor.empty() ? "null" : Quoted(figure.anchor))
         << ", \"ratio\": " << NumberOrNull(figure.ratio) << ", \"goal\": " << NumberOrNull(figure.goal)
         << ", \"met\": " << (met ? (*met ? "true" : "false") : "null") << "}";
  }
  file << "\n]\n";
  return file.flush().good();
}

bool WriteBaseline(const std::vector<Figure>& figures, const std::string& path) {
  std::ofstream file(path);
  for (const Figure& figure : figures)
    if (figure.ratio) file << figure.scenario << '\t' << absl::StrFormat("%.2f", *figure.ratio) << '\n';
  return file.flush().good();
}

}  // namespace crm::bench
