#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "common/auth/scope.h"
#include "common/status/errors.h"
#include "common/work/batch.h"
#include "common/work/tracked.h"

namespace crm::contract {

template <class Record>
bool Sees(const work::Caller& caller, std::string_view permission, const Record& record) {
  return auth::Scope::Of(*caller.principal, permission).Allows({record.owner_id, record.org_unit_id});
}

// The loaded aggregate that `item` asks for. Null when there is none or the caller may not see it: the item has
// then failed with NOT_FOUND. `resource` is Aggregate::kAggregateType.
template <class Item, class Aggregate>
Aggregate* Find(Item& item, work::Tracked<Aggregate>& loaded, const Uuid& id, std::string_view permission) {
  Aggregate* found = loaded.Find(id);
  if (found != nullptr && Sees(item.caller(), permission, *found)) return found;
  item.Fail(errors::NotFound(Aggregate::kAggregateType, id.ToString()));
  return nullptr;
}

// False when the caller read another version than this: the item has then failed with STALE_ETAG.
template <class Item, class Aggregate>
bool EtagMatches(Item& item, const Aggregate& aggregate, std::optional<std::int64_t> etag) {
  if (!etag || *etag == aggregate.version) return true;
  item.Fail(errors::StaleEtag(Aggregate::kAggregateType, aggregate.id.ToString()));
  return false;
}

// What a set of commands names, to be loaded in one statement: sorted, each once.
template <class Commands, class Get>
auto Distinct(const Commands& commands, Get get) {
  std::vector<std::decay_t<std::invoke_result_t<Get, decltype(*commands.begin())>>> values;
  for (const auto& command : commands) values.push_back(get(command));
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

// A set is worth its work until the last of its callers has left, and five seconds at most.
template <class Command>
absl::Time LatestDeadline(absl::Span<const work::Request<Command>> requests) {
  absl::Time latest = absl::InfinitePast();
  for (const auto& request : requests) latest = std::max(latest, request.caller.deadline);
  return std::min(latest, absl::Now() + absl::Seconds(5));
}

}  // namespace crm::contract
