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
#include "services/contract_credit/domain/credit_account.h"
#include "services/contract_credit/domain/instalment.h"

// What the enterprise has agreed with a customer, and how it is paid. Pure: no I/O, no proto, no clock.
namespace crm::contract {

// DRAFT → ACTIVE, by way of PENDING_CREDIT when the customer's credit does not carry it; ACTIVE ⇄ COMPLETED
// as its instalments are paid or a payment is reversed. PENDING_APPROVAL and TERMINATED are reserved.
enum class ContractStatus { kDraft, kPendingCredit, kPendingApproval, kActive, kCompleted, kTerminated };
std::string_view Name(ContractStatus status);
std::optional<ContractStatus> ParseContractStatus(std::string_view name);

// Why the credit check stopped an activation, and who let it pass.
struct CreditHold {
  std::vector<std::string> reasons;  // OVER_LIMIT, LIMIT_EXPIRED
  std::int64_t excess_minor = 0;     // by how much the exposure would exceed the limit
  absl::Time held_time;
  std::optional<absl::Time> released_time;  // empty while held
  Uuid released_by;
  std::string release_reason;
};

struct Contract {
  static constexpr std::string_view kAggregateType = "contract";

  Uuid id;
  std::string number;  // for people; unique
  Uuid quote_id, opportunity_id;
  Uuid customer_id;  // nil when the quote's opportunity had none
  std::string customer_name, title;
  std::vector<Uuid> product_ids;
  Uuid owner_id, org_unit_id;
  ContractStatus status = ContractStatus::kDraft;
  Money total;
  std::string time_zone;                // the customer's, IANA: decides when a due date begins and ends
  std::vector<Instalment> instalments;  // by number; they add up to `total`
  std::int64_t unallocated_minor = 0;   // received, but not allocated to an instalment
  std::optional<CreditHold> hold;
  std::optional<absl::Time> activate_time, complete_time;
  absl::Time create_time, update_time;
  std::int64_t version = 0;  // the etag; equals the last aggregate_seq

  std::int64_t paid_minor() const;
  std::int64_t outstanding_minor() const { return total.minor_units - paid_minor(); }
  Instalment* Find(int number);
  const Instalment* Find(int number) const;
};

// The accepted quote that a contract is drafted from.
struct AcceptedQuote {
  Uuid id, opportunity_id, customer_id, owner_id, org_unit_id;
  std::string title, customer_name;
  Money total;
  std::vector<ScheduleLine> terms;  // empty = none agreed
  std::vector<Uuid> product_ids;
};

// One contract per quote, whoever drafts it and however often.
Uuid ContractId(const Uuid& quote_id);
std::string ContractNumber(const Uuid& contract_id, absl::CivilDay drafted);

// Each event carries the contract as it is afterwards, so that a consumer needs no call back.
struct ContractDrafted {
  Contract contract;
  absl::Status dropped_terms;  // why the quote's terms are not its schedule; OK when they are
};
struct ContractUpdated {
  Contract contract;
  ContractStatus previous;
};
struct ContractActivated {
  Contract contract;
  absl::CivilDay start;
};
struct ContractCompleted {
  Contract contract;
};
struct InstalmentDue {
  Contract contract;
  int number;
};
struct InstalmentOverdue {
  Contract contract;
  int number;
};

// The owner is told that the contract is held for its customer's credit.
struct HoldAnnounced {
  Contract contract;
};

// A draft with the quote's terms; without any (or any that hold) it is one instalment, due 30 days after
// activation. Over nothing it has none.
ContractDrafted Draft(const AcceptedQuote& quote, std::string time_zone, absl::CivilDay today,
                      absl::Time now);

// Not in force yet: its schedule can be changed, and it can be activated.
bool IsNegotiable(const Contract& c);

// Fails with ILLEGAL_STATE_MOVE when `c` is in force or ended, and with the violations of BuildSchedule.
absl::StatusOr<ContractUpdated> ChangeSchedule(const Contract& c, absl::Span<const ScheduleLine> lines,
                                               absl::CivilDay today, absl::Time now);

// Whether `c` may be activated, its credit apart. Fails with ILLEGAL_STATE_MOVE, CUSTOMER_MISSING or
// DUE_DATE_PASSED (naming the instalments).
absl::Status CheckActivatable(const Contract& c, absl::CivilDay today);

// The customer's credit does not carry `c`.
ContractUpdated Hold(const Contract& c, const CreditDecision& decision, absl::Time now);

// Who lets `c` pass nevertheless, and why. Fails with ILLEGAL_STATE_MOVE when `c` is not held.
absl::StatusOr<CreditHold> ReleaseHold(const Contract& c, const Uuid& by, std::string_view reason,
                                       absl::Time now);

// `c` is activatable and its credit is confirmed. Fixes the due dates.
ContractActivated Activate(const Contract& c, absl::CivilDay today, absl::Time now);

// Every instalment is paid, and the contract is active.
bool IsFulfilled(const Contract& c);
ContractCompleted Complete(const Contract& c, absl::Time now);

// Announce what the calendar says. Empty when there is nothing (more) to announce: paid, announced before,
// not active, or not yet the day.
std::optional<InstalmentDue> AnnounceDue(const Contract& c, int number, absl::CivilDay today, absl::Time now);
std::optional<InstalmentOverdue> AnnounceOverdue(const Contract& c, int number, absl::CivilDay today,
                                                 absl::Time now);

// An event carries the contract as it is afterwards: applying it takes that over, except the version, which
// advances with the appending of the event alone.
template <class Event>
requires requires(const Event& event) { event.contract; }
void Apply(Contract& c, const Event& event) {
  const std::int64_t version = c.version;
  c = event.contract;
  c.version = version;
}

}  // namespace crm::contract
