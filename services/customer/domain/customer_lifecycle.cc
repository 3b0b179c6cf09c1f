#include "services/customer/domain/customer_lifecycle.h"

#include "common/status/errors.h"

namespace crm::customer {
namespace {

bool Gone(Lifecycle stage) { return stage == Lifecycle::kDormant || stage == Lifecycle::kChurned; }

std::optional<Lifecycle> Forward(Lifecycle from, Lifecycle to) {
  if (Gone(from) || from < to) return to;
  return std::nullopt;
}

}  // namespace

std::optional<Lifecycle> Consequence(Lifecycle from, LifecycleCause cause) {
  switch (cause) {
    case LifecycleCause::kJudgedPotential:
      return Forward(from, Lifecycle::kPotential);
    case LifecycleCause::kQualified:
      return Forward(from, Lifecycle::kOpportunity);
    case LifecycleCause::kContractActivated:
      return Forward(from, Lifecycle::kOrdering);
    case LifecycleCause::kFirstDeliveryPaid:
      return Forward(from, Lifecycle::kUser);
    case LifecycleCause::kDormancyWindow:
      if (Gone(from)) return std::nullopt;
      return Lifecycle::kDormant;
    case LifecycleCause::kLastContractEnded:
      if (from == Lifecycle::kOrdering || from == Lifecycle::kUser || from == Lifecycle::kDormant)
        return Lifecycle::kChurned;
      return std::nullopt;
    case LifecycleCause::kCreated:
    case LifecycleCause::kManagerOverride:
      return std::nullopt;
  }
  return std::nullopt;
}

bool WinsBack(Lifecycle from, Lifecycle to) { return Gone(from) && !Gone(to); }

absl::Status MayOverride(const Customer& customer, Lifecycle to) {
  if (customer.lifecycle == to)
    return errors::IllegalMove("customer", "lifecycle", Word(customer.lifecycle), Word(to),
                               "the customer stands there already; choose another stage");
  return absl::OkStatus();
}

}  // namespace crm::customer
