#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/money.h"
#include "common/base/uuid.h"

// How much a customer may owe, and how much it does. Pure: no I/O, no proto, no clock.
namespace crm::contract {

// One customer's account in one currency; currencies are never added up. All of the exposure is in this one
// row, so that no two contracts can both take what is left of the limit.
struct CreditAccount {
  static constexpr std::string_view kAggregateType = "credit_account";

  Uuid id;  // CreditAccountId
  Uuid customer_id, owner_id, org_unit_id;
  std::string customer_name;  // empty until known
  std::string currency;
  std::int64_t limit_minor = 0;  // 0 until somebody gives credit
  std::optional<absl::Time> limit_expire_time;
  std::int64_t receivable_minor = 0;  // due and not paid
  std::int64_t uninvoiced_minor = 0;  // contracted and not yet due
  std::int64_t reserved_minor = 0;    // promised, not yet contracted
  // What the exposure can never exceed: the limit; or the exposure itself where the limit was lowered under
  // it, a hold was released, or a payment was reversed. Reserving never raises it.
  std::int64_t ceiling_minor = 0;
  absl::Time create_time, update_time;
  std::int64_t version = 0;

  std::int64_t exposure_minor() const { return receivable_minor + uninvoiced_minor + reserved_minor; }
  std::int64_t available_minor() const {
    return limit_minor > exposure_minor() ? limit_minor - exposure_minor() : 0;
  }
};

Uuid CreditAccountId(const Uuid& customer_id, std::string_view currency);

// An account that nobody has opened yet: no limit, no exposure.
CreditAccount EmptyAccount(const Uuid& customer_id, std::string_view currency, const Uuid& owner_id,
                           const Uuid& org_unit_id, absl::Time now);

inline constexpr std::string_view kOverLimit = "OVER_LIMIT";
inline constexpr std::string_view kLimitExpired = "LIMIT_EXPIRED";

struct CreditDecision {
  std::vector<std::string> reasons;  // why not; empty = the account carries the amount
  std::int64_t available_minor = 0;  // before the amount
  std::int64_t excess_minor = 0;     // by how much the exposure would exceed the limit

  bool approved() const { return reasons.empty(); }
};

// The one credit check: reserving for a contract and the call CheckCredit both ask here. amount_minor ≥ 0.
CreditDecision CheckCredit(const CreditAccount& account, std::int64_t amount_minor, absl::Time now);

enum class AccountCause { kLimitSet, kInstalmentDue, kPaymentReceived, kPaymentReversed };

// Each event carries the account as it is afterwards.
struct CreditAccountChanged {
  CreditAccount account;
  AccountCause cause;
  std::optional<std::int64_t> previous_limit_minor;  // when it changed
  Uuid cause_id;                                     // the contract; nil when a person set the limit
};
struct CreditReserved {
  CreditAccount account;
  Uuid contract_id;
  std::int64_t amount_minor;
};
struct CreditConfirmed {
  CreditAccount account;
  Uuid contract_id;
  std::int64_t amount_minor;
};
struct CreditHeld {
  CreditAccount account;
  Uuid contract_id;
  std::int64_t amount_minor;
  std::vector<std::string> reasons;
};
struct CreditHoldReleased {
  CreditAccount account;
  Uuid contract_id;
  std::string note;
};

// limit_minor ≥ 0; it may fall below the exposure: only new reservations are refused then. Fails with
// INVALID_FIELDS when an expiry lies in the past.
absl::StatusOr<CreditAccountChanged> SetLimit(const CreditAccount& account, std::int64_t limit_minor,
                                              std::optional<absl::Time> expire_time, absl::Time now);

// Reserves within the limit. Fails with CREDIT_EXCEEDED naming the reasons.
absl::StatusOr<CreditReserved> Reserve(const CreditAccount& account, const Uuid& contract_id,
                                       std::int64_t amount_minor, absl::Time now);

// Reserves whatever the limit says: a person with the permission has released the hold. Fails with
// AMOUNT_OVERFLOW.
absl::StatusOr<CreditReserved> ReserveReleased(const CreditAccount& account, const Uuid& contract_id,
                                               std::int64_t amount_minor);

// Turns a reservation into contracted exposure.
CreditConfirmed Confirm(const CreditAccount& account, const Uuid& contract_id, std::int64_t amount_minor);

// What happened to a contract changes what its customer owes. The deltas never take a part below zero.
struct ExposureChange {
  std::int64_t receivable_minor = 0, uninvoiced_minor = 0;
};
CreditAccountChanged ChangeExposure(const CreditAccount& account, const Uuid& contract_id,
                                    ExposureChange change, AccountCause cause);

template <class Event>
requires requires(const Event& event) { event.account; }
void Apply(CreditAccount& account, const Event& event) {
  const std::int64_t version = account.version;
  account = event.account;
  account.version = version;
}

}  // namespace crm::contract
