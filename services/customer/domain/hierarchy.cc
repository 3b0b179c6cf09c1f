#include "services/customer/domain/hierarchy.h"

namespace crm::customer {

void Hierarchy::SetParent(const Uuid& child, const Uuid& parent) {
  if (parent.nil())
    parents_.erase(child);
  else
    parents_[child] = parent;
}

bool Hierarchy::WouldLoop(const Uuid& child, const Uuid& parent) const {
  Uuid ancestor = parent;
  for (std::size_t steps = 0; !ancestor.nil(); ++steps) {
    if (ancestor == child || steps > parents_.size()) return true;
    const auto above = parents_.find(ancestor);
    ancestor = above == parents_.end() ? Uuid() : above->second;
  }
  return false;
}

}  // namespace crm::customer
