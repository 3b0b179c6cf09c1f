#pragma once
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/base/uuid.h"

namespace crm::contract {

// One column of `rows`, for unnest: `Column(rows, [](const Contract* c) { return c->id; })`.
template <class Row, class Get>
auto Column(const std::vector<Row>& rows, Get get) {
  std::vector<std::decay_t<std::invoke_result_t<Get, const Row&>>> column;
  column.reserve(rows.size());
  for (const Row& row : rows) column.push_back(get(row));
  return column;
}

inline std::optional<Uuid> NullIfNil(const Uuid& id) {
  return id.nil() ? std::nullopt : std::optional<Uuid>(id);
}
inline Uuid NilIfNull(const std::optional<Uuid>& id) { return id.value_or(Uuid()); }

}  // namespace crm::contract
