#pragma once
#include <string>
#include <vector>

#include "common/status/errors.h"
#include "services/customer/domain/customer_lifecycle.h"
#include "services/customer/domain/hierarchy.h"

namespace crm::customer {

// PARENT_LOOP when `id` under `parent_id` would belong to itself.
inline absl::Status FitsGroup(const Hierarchy& groups, const Uuid& id, const Uuid& parent_id) {
  if (!groups.WouldLoop(id, parent_id)) return absl::OkStatus();
  return errors::FailedPrecondition(
      "PARENT_LOOP", "a customer cannot belong to itself or to one of its own members",
      {{"field", "customer.parent_id"}, {"customer", id.ToString()}, {"parent_id", parent_id.ToString()}});
}

// Gives customer `c` its revised profile; `changed` names what differs. No event when nothing does.
template <class Item>
void Change(Item& item, Customer& c, CustomerProfile revised, const std::vector<std::string>& changed,
            Hierarchy& groups, absl::Time now) {
  if (changed.empty()) return;
  c.profile = std::move(revised);
  c.update_time = now;
  groups.SetParent(c.id, c.profile.parent_id);
  item.Emit(c, CustomerUpdated{c, changed});
}

// Moves customer `c`: its state, the event and the row that is kept for ever.
template <class Item>
void Move(Item& item, Customer& c, Lifecycle to, LifecycleCause cause, std::string reason,
          const Uuid& cause_id, absl::Time now, std::vector<LifecycleMove>& moves) {
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
