#pragma once
#include <string>
#include <type_traits>
#include <vector>

#include "absl/time/civil_time.h"

namespace crm::analytics {

// One column of `rows`, for unnest.
template <class Rows, class Get>
auto Column(const Rows& rows, Get get) {
  std::vector<std::decay_t<std::invoke_result_t<Get, decltype(*rows.begin())>>> column;
  column.reserve(rows.size());
  for (const auto& row : rows) column.push_back(get(row));
  return column;
}

inline std::string DayText(absl::CivilDay day) { return absl::FormatCivilTime(day); }
// `text` is what PostgreSQL's ISO date style writes.
inline absl::CivilDay ParseDay(const std::string& text) {
  absl::CivilDay day;
  absl::ParseCivilTime(text, &day);
  return day;
}

}  // namespace crm::analytics
