#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/contract_credit/domain/contract.h"

namespace crm::contract {

struct Allocation {
  int instalment_number = 0;
  std::int64_t amount_minor = 0;

  friend bool operator==(const Allocation&, const Allocation&) = default;
};

// Money received for a contract, and which instalments it pays. Part of the contract's aggregate.
struct Payment {
  Uuid contract_id, id;
  Money amount;
  absl::Time received_time;             // when the money came; recording may be later
  std::string method;                   // BANK_TRANSFER, CASH, …: free text of the caller
  std::string reference;                // the bank's
  std::vector<Allocation> allocations;  // Σ ≤ amount
  Uuid recorded_by;
  absl::Time create_time;
  std::optional<absl::Time> reversed_time;
  std::string reverse_reason;

  std::int64_t allocated_minor() const;
  std::int64_t unallocated_minor() const { return amount.minor_units - allocated_minor(); }
};

// Each carries the contract as it is afterwards.
struct PaymentReceived {
  Contract contract;
  Payment payment;
  ExposureChange exposure;
};
struct PaymentReversed {
  Contract contract;  // active again when it was completed
  Payment payment;
  ExposureChange exposure;
};

// What was received, as told by the one who records it.
struct PaymentTerms {
  Uuid id, recorded_by;
  Money amount;
  std::optional<absl::Time> received_time;  // empty = now
  std::string method, reference;
  std::vector<Allocation> allocations;  // empty = oldest due date first
};

// Allocates to what is outstanding; what is left over stays unallocated. Fails with ILLEGAL_STATE_MOVE unless
// the contract is active or completed, and with every violation at once: NOT_POSITIVE, CURRENCY_MISMATCH,
// FUTURE_TIME, UNKNOWN_INSTALMENT, REPEATED, EXCEEDS_OUTSTANDING, EXCEEDS_PAYMENT.
absl::StatusOr<PaymentReceived> Receive(const Contract& c, const PaymentTerms& terms, absl::Time now);

// Takes the payment back. Fails with PAYMENT_ALREADY_REVERSED.
absl::StatusOr<PaymentReversed> Reverse(const Contract& c, const Payment& payment, std::string_view reason,
                                        absl::Time now);

}  // namespace crm::contract
