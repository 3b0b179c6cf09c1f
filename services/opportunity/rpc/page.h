#pragma once
#include <string>
#include <vector>

#include "common/rpc/fields.h"
#include "services/opportunity/domain/queries.h"

namespace crm::opportunity {

// How many parts the position of a list by time and id has.
inline constexpr std::size_t kPositionParts = 2;

inline Page ToPage(const rpc::Paging& paging, rpc::Fields& fields) {
  Page page{std::nullopt, paging.limit()};
  if (!paging.first()) page.after = Position{paging.TimeAt(0, fields), paging.IdAt(1, fields)};
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
