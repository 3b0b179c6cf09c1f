#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/auth/scope.h"
#include "common/status/errors.h"
#include "common/work/batch.h"
#include "common/work/tracked.h"

namespace crm::work {

inline bool Sees(const Caller& caller, std::string_view permission, const auth::Ownership& record) {
  return auth::Scope::Of(*caller.principal, permission).Allows(record);
}

// The loaded aggregate that `item` asks for. Null when there is none or the caller may not see it: the item
// has then failed with NOT_FOUND.
template <class Item, class Aggregate>
Aggregate* Find(Item& item, Tracked<Aggregate>& loaded, const Uuid& id, std::string_view permission) {
  Aggregate* found = loaded.Find(id);
  if (found != nullptr && Sees(item.caller(), permission, {found->owner_id, found->org_unit_id}))
    return found;
  item.Fail(errors::NotFound(Aggregate::kAggregateType, id.ToString()));
  return nullptr;
}

// The same for a command that names the version its caller has read: another one is STALE_ETAG.
template <class Item, class Aggregate>
Aggregate* Find(Item& item, Tracked<Aggregate>& loaded, const Uuid& id, std::string_view permission,
                std::optional<std::int64_t> expected_version) {
  Aggregate* found = Find(item, loaded, id, permission);
  if (found == nullptr || !expected_version || *expected_version == found->version) return found;
  item.Fail(errors::StaleEtag(Aggregate::kAggregateType, id.ToString()));
  return nullptr;
}

}  // namespace crm::work
