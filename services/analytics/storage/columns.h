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

}  // namespace crm::analytics
