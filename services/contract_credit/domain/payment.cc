#include "services/contract_credit/domain/payment.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"

namespace crm::contract {
namespace {

std::string Path(std::size_t allocation, std::string_view field) {
  return absl::StrCat("allocations[", allocation, "].", std::string(field));
}

std::vector<Allocation> OldestFirst(const Contract& c, std::int64_t amount_minor) {
  std::vector<const Instalment*> open;
  for (const Instalment& instalment : c.instalments)
    if (!instalment.paid()) open.push_back(&instalment);
  std::stable_sort(open.begin(), open.end(),
                   [](const Instalment* a, const Instalment* b) { return a->due_date < b->due_date; });
  std::vector<Allocation> allocations;
  for (const Instalment* instalment : open) {
    const std::int64_t part = std::min(amount_minor, instalment->outstanding_minor());
    if (part == 0) break;
    allocations.push_back({instalment->number, part});
    amount_minor -= part;
  }
  return allocations;
}

void CheckAllocations(const Contract& c, const PaymentTerms& terms, errors::Violations& violations) {
  std::set<int> seen;
  std::int64_t left = terms.amount.minor_units;
  for (std::size_t i = 0; i < terms.allocations.size(); ++i) {
    const Allocation& allocation = terms.allocations[i];
    const Instalment* instalment = c.Find(allocation.instalment_number);
    if (instalment == nullptr) {
      violations.Add(Path(i, "instalment_number"), "UNKNOWN_INSTALMENT",
                     absl::StrCat("the contract has instalments 1 to ", c.instalments.size()));
      continue;
    }
    if (!seen.insert(allocation.instalment_number).second)
      violations.Add(Path(i, "instalment_number"), "REPEATED", "name each instalment once");
    if (allocation.amount_minor <= 0) {
      violations.Add(Path(i, "amount.minor_units"), "NOT_POSITIVE", "must be above 0");
    } else if (allocation.amount_minor > instalment->outstanding_minor()) {
      violations.Add(Path(i, "amount.minor_units"), "EXCEEDS_OUTSTANDING",
                     absl::StrCat("only ", instalment->outstanding_minor(),
                                  " minor units of this instalment are outstanding"));
    } else if (allocation.amount_minor > left) {
      violations.Add(Path(i, "amount.minor_units"), "EXCEEDS_PAYMENT",
                     "the allocations add up to more than the payment");
    } else {
      left -= allocation.amount_minor;
    }
  }
}

// Moves what the allocations pay (sign 1) or no longer pay (sign -1); answers how the exposure changes.
ExposureChange Settle(Contract& c, const std::vector<Allocation>& allocations, std::int64_t sign) {
  ExposureChange change;
  for (const Allocation& allocation : allocations) {
    Instalment& instalment = *c.Find(allocation.instalment_number);
    instalment.paid_minor += sign * allocation.amount_minor;
    instalment.revision = c.version + 1;
    (instalment.fell_due() ? change.receivable_minor : change.uninvoiced_minor) -=
        sign * allocation.amount_minor;
  }
  return change;
}

}  // namespace

std::int64_t Payment::allocated_minor() const {
  std::int64_t sum = 0;
  for (const Allocation& allocation : allocations) sum += allocation.amount_minor;
  return sum;
}

absl::StatusOr<PaymentReceived> Receive(const Contract& c, const PaymentTerms& terms, absl::Time now) {
  if (c.status != ContractStatus::kActive && c.status != ContractStatus::kCompleted) {
    return errors::IllegalMove("contract", "state", Name(c.status), "paid", "activate the contract first");
  }
  errors::Violations violations;
  if (terms.amount.minor_units <= 0)
    violations.Add("amount.minor_units", "NOT_POSITIVE", "a payment is above 0; reverse one to take it back");
  if (terms.amount.currency != c.total.currency)
    violations.Add("amount.currency_code", "CURRENCY_MISMATCH",
                   absl::StrCat("the contract is in ", c.total.currency));
  if (terms.received_time && *terms.received_time > now)
    violations.Add("received_time", "FUTURE_TIME", "money is recorded once it is received");
  CheckAllocations(c, terms, violations);
  std::int64_t unallocated = 0;
  if (__builtin_add_overflow(c.unallocated_minor, terms.amount.minor_units, &unallocated))
    violations.Add("amount.minor_units", "OVERFLOW", "more than can be counted on one contract");
  if (!violations.empty()) return violations.ToStatus();

  PaymentReceived received{c, {}, {}};
  Payment& payment = received.payment;
  payment.contract_id = c.id;
  payment.id = terms.id;
  payment.amount = terms.amount;
  payment.received_time = terms.received_time.value_or(now);
  payment.method = terms.method;
  payment.reference = terms.reference;
  payment.allocations =
      terms.allocations.empty() ? OldestFirst(c, terms.amount.minor_units) : terms.allocations;
  payment.recorded_by = terms.recorded_by;
  payment.create_time = now;
  received.exposure = Settle(received.contract, payment.allocations, 1);
  received.contract.unallocated_minor += payment.unallocated_minor();
  received.contract.update_time = now;
  return received;
}

absl::StatusOr<PaymentReversed> Reverse(const Contract& c, const Payment& payment, std::string_view reason,
                                        absl::Time now) {
  if (payment.reversed_time) {
    return errors::FailedPrecondition("PAYMENT_ALREADY_REVERSED", "this payment was reversed before",
                                      {{"field", "payment_id"}, {"payment_id", payment.id.ToString()}});
  }
  PaymentReversed reversed{c, payment, {}};
  reversed.payment.reversed_time = now;
  reversed.payment.reverse_reason = std::string(reason);
  reversed.exposure = Settle(reversed.contract, payment.allocations, -1);
  for (const Allocation& allocation : payment.allocations)
    reversed.contract.Find(allocation.instalment_number)->overdue_time.reset();  // to be announced again
  reversed.contract.unallocated_minor -= payment.unallocated_minor();
  reversed.contract.update_time = now;
  if (c.status == ContractStatus::kCompleted && !payment.allocations.empty()) {
    reversed.contract.status = ContractStatus::kActive;
    reversed.contract.complete_time.reset();
  }
  return reversed;
}

}  // namespace crm::contract
