#pragma once
#include "absl/container/flat_hash_map.h"
#include "common/base/uuid.h"

namespace crm::customer {

// Who belongs to which group: child → parent, as far as it has been loaded.
class Hierarchy {
 public:
  void SetParent(const Uuid& child, const Uuid& parent);  // nil parent: none

  // True when `child` under `parent` would make a customer its own ancestor.
  bool WouldLoop(const Uuid& child, const Uuid& parent) const;

 private:
  absl::flat_hash_map<Uuid, Uuid> parents_;
};

}  // namespace crm::customer
