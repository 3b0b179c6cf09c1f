#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/customer/domain/customer.h"

namespace crm::customer {

// Why a customer moves. All but the last are facts, of which creation, qualification and activation are told
// here so far; a manager's override needs a reason in words.
enum class LifecycleCause {
  kCreated,
  kJudgedPotential,
  kQualified,
  kContractActivated,
  kFirstDeliveryPaid,
  kDormancyWindow,
  kLastContractEnded,
  kManagerOverride,
};

template <>
struct Words<LifecycleCause> {
  static constexpr std::string_view kAll[] = {"CustomerCreated",   "LeadJudgedPotential", "LeadQualified",
                                              "ContractActivated", "FirstDeliveryPaid",   "DormancyWindow",
                                              "LastContractEnded", "ManagerOverride"};
};

// A move as it is kept for ever. `from` is empty for the first.
struct LifecycleMove {
  Uuid customer_id, id;
  std::optional<Lifecycle> from = std::nullopt;
  Lifecycle to = Lifecycle::kUnidentified;
  LifecycleCause cause = LifecycleCause::kCreated;
  std::string reason = "";  // of an override, in words
  Uuid cause_id;            // the lead or contract that moved it; nil = none
  bool won_back = false;
  Uuid actor_id;
  absl::Time time;
};

struct CustomerLifecycleChanged {
  Customer customer;  // after the move
  LifecycleMove move;
};

// Where `cause` takes a customer that stands at `from`: forward only, never back from what has been reached,
// and out of DORMANT and CHURNED again. Nothing when the fact changes nothing. Not for an override.
std::optional<Lifecycle> Consequence(Lifecycle from, LifecycleCause cause);

// True for a move out of DORMANT or CHURNED.
bool WinsBack(Lifecycle from, Lifecycle to);

// A manager's override may go anywhere but to where the customer stands.
// Fails with ILLEGAL_STATE_MOVE.
absl::Status MayOverride(const Customer& customer, Lifecycle to);

}  // namespace crm::customer
