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

// A record that a command names, and the field that names it.
struct Named {
  Named(const Uuid& id) : id(id) {}  // NOLINT: implicit on purpose
  Named(std::string_view field, const Uuid& id) : field(field), id(id) {}
  std::string_view field = "id";
  const Uuid& id;
};

// The loaded aggregate that `item` asks for. Null when there is none or the caller may not see it: the item
// has then failed with NOT_FOUND. Look all of them up before giving up, so that all faults are told at once.
template <class Item, class Aggregate>
Aggregate* Find(Item& item, Tracked<Aggregate>& loaded, const Named& named, std::string_view permission) {
  Aggregate* found = loaded.Find(named.id);
  if (found != nullptr && Sees(item.caller(), permission, {found->owner_id, found->org_unit_id}))
    return found;
  item.Fail(errors::NotFound(Aggregate::kAggregateType, named.id.ToString(), named.field));
  return nullptr;
}

// The same for a command that names the version its caller has read: another one is STALE_ETAG. In the
// request the etag stands beside the id: "customer.id", "customer.etag".
template <class Item, class Aggregate>
Aggregate* Find(Item& item, Tracked<Aggregate>& loaded, const Named& named, std::string_view permission,
                std::optional<std::int64_t> expected_version) {
  Aggregate* found = Find(item, loaded, named, permission);
  if (found == nullptr || !expected_version || *expected_version == found->version) return found;
  item.Fail(errors::StaleEtag(Aggregate::kAggregateType, named.id.ToString(),
                              std::string(named.field.substr(0, named.field.rfind('.') + 1)) + "etag"));
  return nullptr;
}

}  // namespace crm::work
