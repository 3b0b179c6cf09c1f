#pragma once
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "common/rpc/fields.h"
#include "services/opportunity/domain/queries.h"

namespace crm::opportunity {

// How many parts the position of a list by time and id has.
inline constexpr std::size_t kPositionParts = 2;

inline Page ToPage(const rpc::Paging& paging, rpc::Fields& fields) {
  Page page{std::nullopt, paging.limit()};
  if (paging.position().size() != kPositionParts) return page;
  std::int64_t micros = 0;
  const auto id = Uuid::Parse(paging.position()[1]);
  if (!absl::SimpleAtoi(paging.position()[0], &micros) || !id)
    fields.Add("page_token", "MALFORMED", "must be the next_page_token of the same question, unchanged");
  else
    page.after = Position{absl::FromUnixMicros(micros), *id};
  return page;
}

inline std::vector<std::string> PositionOf(absl::Time time, const Uuid& id) {
  return {std::to_string(absl::ToUnixMicros(time)), id.ToString()};
}
// Most lists are by creation.
template <class Aggregate>
std::vector<std::string> ByCreation(const Aggregate& aggregate) {
  return PositionOf(aggregate.create_time, aggregate.id);
}

inline std::optional<Uuid> OptionalId(rpc::Fields& fields, std::string_view field, std::string_view value) {
  const Uuid id = fields.OptionalId(field, value);
  return id.nil() ? std::nullopt : std::optional(id);
}

}  // namespace crm::opportunity
