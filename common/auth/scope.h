#pragma once
#include "common/auth/principal.h"
#include "common/db/statement.h"

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
  static Scope Of(const Principal& principal, std::string_view permission);

  bool Allows(const Ownership& record) const;

  // The same predicate in SQL: `($n::uuid IS NULL OR owner_id = $n)` takes this as $n.
  std::optional<Uuid> owner() const { return owner_; }

 private:
  explicit Scope(std::optional<Uuid> owner) : owner_(owner) {}
  std::optional<Uuid> owner_;
};

}  // namespace crm::auth
