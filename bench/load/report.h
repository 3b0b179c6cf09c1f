#pragma once
#include <optional>
#include <string>
#include <vector>

namespace crm::bench {

// One line of the report.
struct Figure {
  std::string scenario;
  double value = 0;
  std::string unit;
  std::string anchor;           // what it is held against; empty: nothing
  std::optional<double> ratio;  // value ÷ anchor
  std::optional<double> goal;   // of the ratio
  std::optional<bool> met() const {
    return ratio && goal ? std::optional<bool>(*ratio >= *goal) : std::nullopt;
  }
};

double Median(std::vector<double> values);

// Prints the table; a ratio that differs by more than a tenth from the one in `baseline` (lines of scenario,
// TAB, ratio; may be missing) is named.
void Print(const std::vector<Figure>& figures, const std::string& baseline);

// An array of {scenario, value, unit, anchor, ratio, goal, met}; what is not there is null. False when the
// file cannot be written.
bool WriteJson(const std::vector<Figure>& figures, const std::string& path);
bool WriteBaseline(const std::vector<Figure>& figures, const std::string& path);

}  // namespace crm::bench
