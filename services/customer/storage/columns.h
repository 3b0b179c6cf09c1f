#pragma once
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/base/uuid.h"
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

// A list inside a column of unnest, taken apart by string_to_array(…, chr(31)). Nothing in it holds U+001F,
// and its first element is not empty.
inline std::string Packed(const std::vector<std::string>& list) {
  std::string packed;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) packed += '\x1f';
    packed += list[i];
  }
  return packed;
}

// A map as key, value, key, value; no key is empty.
inline std::string Packed(const std::map<std::string, std::string>& map) {
  std::vector<std::string> list;
  for (const auto& [key, value] : map) list.insert(list.end(), {key, value});
  return Packed(list);
}
inline std::map<std::string, std::string> Unpacked(const std::vector<std::string>& list) {
  std::map<std::string, std::string> map;
  for (std::size_t i = 0; i + 1 < list.size(); i += 2) map.emplace(list[i], list[i + 1]);
  return map;
}

inline std::optional<Uuid> NullIfNil(const Uuid& id) { return id.nil() ? std::nullopt : std::optional(id); }

}  // namespace crm::customer
