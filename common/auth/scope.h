#pragma once
#include <optional>
#include <string_view>

#include "common/auth/principal.h"

namespace crm::auth {

// What every record carries for visibility.
struct Ownership {
  Uuid owner_id;
  Uuid org_unit_id;
};

// Which records a principal sees. The one predicate for get, list, count, search, export and writes.
class Scope {
 public:
  // Roles carry no data scope yet, so whoever holds the permission sees all. Narrower scopes go here.
  static Scope Of(const Principal&, std::string_view /*permission*/) { return Scope(std::nullopt); }
  static Scope OwnedBy(const Uuid& owner) { return Scope(owner); }

  bool Allows(const Ownership& record) const { return !owner_ || record.owner_id == *owner_; }

  // The same predicate in SQL: `($n::uuid IS NULL OR owner_id = $n)` takes this as $n.
  std::optional<Uuid> owner() const { return owner_; }

 private:
  explicit Scope(std::optional<Uuid> owner) : owner_(owner) {}
  std::optional<Uuid> owner_;
};

}  // namespace crm::auth
