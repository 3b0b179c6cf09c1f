#pragma once
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/str_join.h"
#include "common/base/uuid.h"

// How rows become the columns that unnest takes.
namespace crm::db {

// One column of `rows`, which may be pointers: `Column(rows, [](const Contact& c) { return c.id; })`.
template <class Rows, class Get>
auto Column(const Rows& rows, Get get) {
  const auto value = [&get](const auto& row) {
    if constexpr (std::is_invocable_v<Get&, decltype(row)>)
      return std::invoke(get, row);
    else
      return std::invoke(get, *row);
  };
  std::vector<decltype(value(*rows.begin()))> column;
  column.reserve(rows.size());
  for (const auto& row : rows) column.push_back(value(row));
  return column;
}

// A list inside a column, taken apart by string_to_array(…, chr(31)). Nothing in it holds U+001F, and its
// first element is not empty.
inline std::string Packed(const std::vector<std::string>& list) { return absl::StrJoin(list, "\x1f"); }

inline std::optional<Uuid> NullIfNil(const Uuid& id) { return id.nil() ? std::nullopt : std::optional(id); }

}  // namespace crm::db
