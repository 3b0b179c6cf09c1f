#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/base/money.h"
#include "common/db/columns.h"
#include "common/db/statement.h"
#include "common/work/tracked.h"

// How rows of aggregates become the columns that unnest takes.
namespace crm::opportunity {

using db::Column;
using db::Packed;
using work::ChangedRows;

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
