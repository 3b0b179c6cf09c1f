#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "common/base/money.h"
#include "common/db/statement.h"
#include "common/work/tracked.h"

// How rows of aggregates become the columns that unnest takes.
namespace crm::opportunity {

// One column of `rows`: `Column(rows, [](const Product& p) { return p.id; })`.
template <class Row, class Get>
auto Column(const std::vector<const Row*>& rows, Get get) {
  std::vector<std::decay_t<std::invoke_result_t<Get, const Row&>>> column;
  column.reserve(rows.size());
  for (const Row* row : rows) column.push_back(std::invoke(get, *row));
  return column;
}

// What an update has to write, and the versions at which it was loaded.
template <class Aggregate>
struct ChangedRows {
  explicit ChangedRows(const work::Tracked<Aggregate>& tracked) {
    for (const auto* entry : tracked.Changed()) {
      rows.push_back(&entry->value);
      loaded_versions.push_back(entry->loaded_version);
    }
  }
  std::vector<const Aggregate*> rows;
  std::vector<std::int64_t> loaded_versions;
};

// Pointers into `rows`.
template <class Row>
std::vector<const Row*> Pointers(const std::vector<Row>& rows) {
  std::vector<const Row*> pointers;
  pointers.reserve(rows.size());
  for (const Row& row : rows) pointers.push_back(&row);
  return pointers;
}

// A list inside a column of unnest, taken apart by string_to_array(…, chr(31)).
inline std::string Packed(const std::vector<std::string>& list) { return absl::StrJoin(list, "\x1f"); }

inline std::optional<std::string> NullIfEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// "KIND:value" → its two halves.
inline std::pair<std::string_view, std::string_view> Halves(std::string_view pair) {
  const auto colon = pair.find(':');
  return {pair.substr(0, colon), colon == pair.npos ? std::string_view() : pair.substr(colon + 1)};
}

// An amount that may be absent stands in two columns, both NULL or neither.
inline std::optional<std::int64_t> MinorOf(const std::optional<Money>& money) {
  return money ? std::optional(money->minor_units) : std::nullopt;
}
inline std::optional<std::string> CurrencyOf(const std::optional<Money>& money) {
  return money ? std::optional(money->currency) : std::nullopt;
}
inline std::optional<Money> ReadMoney(db::Row& row) {
  const auto minor_units = row.Next<std::optional<std::int64_t>>();
  auto currency = row.Next<std::optional<std::string>>();
  if (!minor_units || !currency) return std::nullopt;
  return Money{*std::move(currency), *minor_units};
}

}  // namespace crm::opportunity
