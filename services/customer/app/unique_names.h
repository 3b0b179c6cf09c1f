#pragma once
#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "services/customer/storage/customer_store.h"

namespace crm::customer {

// Takes the unique names of `profile` for customer `id`. OK, or CUSTOMER_ALREADY_EXISTS naming the first that
// somebody else has; then none is taken.
inline absl::Status TakeNames(CustomerStore::Holders& holders, const CustomerProfile& profile,
                              const Uuid& id) {
  const auto names = UniqueNames(profile);
  for (const UniqueName& name : names) {
    const auto holder = holders.find(name);
    if (holder != holders.end() && holder->second != id) {
      const bool own_field = name.first == kExternalId;
      return errors::AlreadyExists(
          "customer",
          own_field ? "customer.external_id" : absl::StrCat("customer.identifiers[\"", name.first, "\"]"),
          name.second, holder->second.ToString());
    }
  }
  for (const UniqueName& name : names) holders.emplace(name, id);
  return absl::OkStatus();
}

}  // namespace crm::customer
