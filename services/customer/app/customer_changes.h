#pragma once
#include <string>
#include <vector>

#include "services/customer/domain/customer_lifecycle.h"

namespace crm::customer {

// Moves customer `c`: its state, the event and the row that is kept for ever.
template <class Item>
void Move(Item& item, Customer& c, Lifecycle to, LifecycleCause cause, std::string reason, const Uuid& cause_id,
          absl::Time now, std::vector<LifecycleMove>& moves) {
  moves.push_back({.customer_id = c.id,
                   .id = Uuid::New(),
                   .from = c.lifecycle,
                   .to = to,
                   .cause = cause,
                   .reason = std::move(reason),
                   .cause_id = cause_id,
                   .won_back = WinsBack(c.lifecycle, to),
                   .actor_id = item.caller().principal->id,
                   .time = now});
  c.lifecycle = to;
  c.update_time = now;
  item.Emit(c, CustomerLifecycleChanged{c, moves.back()});
}

// Moves `c` to where the fact `cause` takes it, if anywhere. `cause_id`: the lead's or contract's.
template <class Item>
void MoveBecause(Item& item, Customer& c, LifecycleCause cause, const Uuid& cause_id, absl::Time now,
                 std::vector<LifecycleMove>& moves) {
  if (const auto to = Consequence(c.lifecycle, cause)) Move(item, c, *to, cause, "", cause_id, now, moves);
}

// The first event of a new customer, and the first row of its lifecycle.
template <class Item>
void BringIntoBeing(Item& item, Customer& c, absl::Time now, std::vector<LifecycleMove>& moves) {
  item.Emit(c, CustomerCreated{c});
  moves.push_back({.customer_id = c.id,
                   .id = Uuid::New(),
                   .to = c.lifecycle,
                   .cause = LifecycleCause::kCreated,
                   .cause_id = c.lead_id,
                   .actor_id = item.caller().principal->id,
                   .time = now});
}

}  // namespace crm::customer
