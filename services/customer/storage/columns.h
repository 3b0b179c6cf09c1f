#pragma once
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/work/tracked.h"

namespace crm::customer {

// One column of `rows` (pointers), for unnest: `Column(rows, [](const Contact& c) { return c.id; })`.
template <class Row, class Get>
auto Column(const std::vector<const Row*>& rows, Get get) {
  std::vector<std::decay_t<std::invoke_result_t<Get, const Row&>>> column;
  column.reserve(rows.size());
  for (const Row* row : rows) column.push_back(get(*row));
  return column;
}

// What an update has to write, and the versions at which it was loaded.
template <class Aggregate>
struct ChangedRows {
  std::vector<const Aggregate*> rows;
  std::vector<std::int64_t> loaded_versions;

  explicit ChangedRows(const work::Tracked<Aggregate>& tracked) {
    for (const auto* entry : tracked.Changed()) {
      rows.push_back(&entry->value);
      loaded_versions.push_back(entry->loaded_version);
    }
  }
};

// A list inside a column of unnest, taken apart by string_to_array(…, chr(31)). No element may be empty or
// hold U+001F.
template <class List>
std::string Packed(const List& list) {
  std::string packed;
  for (const auto& element : list) {
    if (!packed.empty()) packed += '\x1f';
    packed += element;
  }
  return packed;
}

}  // namespace crm::customer
