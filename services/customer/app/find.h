#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/auth/scope.h"
#include "common/status/errors.h"
#include "common/work/batch.h"
#include "common/work/tracked.h"

namespace crm::customer {

inline bool Sees(const work::Caller& caller, std::string_view permission, const auth::Ownership& record) {
  return auth::Scope::Of(*caller.principal, permission).Allows(record);
}

// The loaded aggregate that `item` asks for. Null when there is none or the caller may not see it: the item has
// then failed with NOT_FOUND. `resource` is Aggregate::kAggregateType.
template <class Item, class Aggregate>
Aggregate* Find(Item& item, work::Tracked<Aggregate>& loaded, const Uuid& id, std::string_view permission) {
  Aggregate* found = loaded.Find(id);
  if (found != nullptr && Sees(item.caller(), permission, {found->owner_id, found->org_unit_id})) return found;
  item.Fail(errors::NotFound(Aggregate::kAggregateType, id.ToString()));
  return nullptr;
}

// False when the caller read an older version than this: the item has then failed with STALE_ETAG.
template <class Item, class Aggregate>
bool EtagMatches(Item& item, const Aggregate& aggregate, std::optional<std::int64_t> etag) {
  if (!etag || *etag == aggregate.version) return true;
  item.Fail(errors::StaleEtag(Aggregate::kAggregateType, aggregate.id.ToString()));
  return false;
}

}  // namespace crm::customer
