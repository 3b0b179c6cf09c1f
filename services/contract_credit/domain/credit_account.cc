#include "services/contract_credit/domain/credit_account.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/errors.h"

namespace crm::contract {
namespace {

// A namespace of its own, so that a contract and an account of one id never share theirs.
constexpr Uuid kSpace(0x6372'6564'6974'8000ULL, 0x8061'6363'6f75'6e74ULL);

std::int64_t Sum(std::int64_t a, std::int64_t b, bool& overflow) {
  std::int64_t sum = 0;
  overflow = __builtin_add_overflow(a, b, &sum) || overflow;
  return sum;
}

}  // namespace

Uuid CreditAccountId(const Uuid& customer_id, std::string_view currency) {
  return Uuid::FromName(kSpace, customer_id.ToString() + ":" + std::string(currency));
}

CreditAccount EmptyAccount(const Uuid& customer_id, std::string_view currency, const Uuid& owner_id,
                           const Uuid& org_unit_id, absl::Time now) {
  CreditAccount account;
  account.id = CreditAccountId(customer_id, currency);
  account.customer_id = customer_id;
  account.owner_id = owner_id;
  account.org_unit_id = org_unit_id;
  account.currency = std::string(currency);
  account.create_time = account.update_time = now;
  return account;
}

CreditDecision CheckCredit(const CreditAccount& account, std::int64_t amount_minor, absl::Time now) {
  CreditDecision decision;
  const bool expired = account.limit_expire_time && *account.limit_expire_time <= now;
  const std::int64_t limit = expired ? 0 : account.limit_minor;
  decision.available_minor = std::max<std::int64_t>(0, limit - account.exposure_minor());
  bool overflow = false;
  const std::int64_t exposure = Sum(account.exposure_minor(), amount_minor, overflow);
  // A contract over nothing owes nothing, whatever the account looks like.
  if (amount_minor == 0) return decision;
  if (overflow || exposure > limit) {
    if (expired) decision.reasons.emplace_back(kLimitExpired);
    if (overflow || exposure > account.limit_minor) decision.reasons.emplace_back(kOverLimit);
    decision.excess_minor = overflow ? amount_minor : exposure - limit;
  }
  return decision;
}

absl::StatusOr<CreditAccountChanged> SetLimit(const CreditAccount& account, std::int64_t limit_minor,
                                              std::optional<absl::Time> expire_time, absl::Time now) {
  errors::Violations violations;
  if (limit_minor < 0) violations.Add("limit.minor_units", "NEGATIVE", "a limit is 0 or more");
  if (expire_time && *expire_time <= now)
    violations.Add("limit_expire_time", "PAST_TIME", "must lie in the future; leave it empty for no expiry");
  if (!violations.empty()) return violations.ToStatus();
  CreditAccountChanged changed{account, AccountCause::kLimitSet, account.limit_minor, Uuid()};
  changed.account.limit_minor = limit_minor;
  changed.account.limit_expire_time = expire_time;
  changed.account.ceiling_minor = std::max(limit_minor, account.exposure_minor());
  changed.account.update_time = now;
  return changed;
}

absl::StatusOr<CreditReserved> Reserve(const CreditAccount& account, const Uuid& contract_id,
                                       std::int64_t amount_minor, absl::Time now) {
  const CreditDecision decision = CheckCredit(account, amount_minor, now);
  if (!decision.approved()) {
    return errors::FailedPrecondition(
        "CREDIT_EXCEEDED",
        absl::StrCat("the customer's credit does not carry this amount (",
                     absl::StrJoin(decision.reasons, ", "),
                     "); raise the limit, collect what is due, or release the hold"),
        {{"field", "amount"},
         {"available_minor_units", absl::StrCat(decision.available_minor)},
         {"excess_minor_units", absl::StrCat(decision.excess_minor)}});
  }
  CreditReserved reserved{account, contract_id, amount_minor};
  reserved.account.reserved_minor += amount_minor;
  return reserved;
}

absl::StatusOr<CreditReserved> ReserveReleased(const CreditAccount& account, const Uuid& contract_id,
                                               std::int64_t amount_minor) {
  bool overflow = false;
  const std::int64_t exposure = Sum(account.exposure_minor(), amount_minor, overflow);
  if (overflow) {
    return errors::FailedPrecondition(
        "AMOUNT_OVERFLOW", "the customer's exposure would exceed what can be counted", {{"field", "amount"}});
  }
  CreditReserved reserved{account, contract_id, amount_minor};
  reserved.account.reserved_minor += amount_minor;
  reserved.account.ceiling_minor = std::max(account.ceiling_minor, exposure);
  return reserved;
}

CreditConfirmed Confirm(const CreditAccount& account, const Uuid& contract_id, std::int64_t amount_minor) {
  CreditConfirmed changed{account, contract_id, amount_minor};
  changed.account.reserved_minor -= amount_minor;
  changed.account.uninvoiced_minor += amount_minor;
  return changed;
}

CreditAccountChanged ChangeExposure(const CreditAccount& account, const Uuid& contract_id,
                                    ExposureChange change, AccountCause cause) {
  CreditAccountChanged changed{account, cause, std::nullopt, contract_id};
  CreditAccount& after = changed.account;
  after.receivable_minor += change.receivable_minor;
  after.uninvoiced_minor += change.uninvoiced_minor;
  // Room above the limit is not kept for others once the exposure falls.
  const std::int64_t exposure = after.exposure_minor();
  after.ceiling_minor = exposure > account.exposure_minor() ? std::max(account.ceiling_minor, exposure)
                                                            : std::max(after.limit_minor, exposure);
  return changed;
}

}  // namespace crm::contract
