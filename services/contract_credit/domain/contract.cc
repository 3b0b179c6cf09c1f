#include "services/contract_credit/domain/contract.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/errors.h"

namespace crm::contract {
namespace {

constexpr Uuid kSpace(0x636f'6e74'7261'8000ULL, 0x8063'7400'0000'0000ULL);

// Where a quote has agreed on no terms.
const ScheduleLine kWhole{Share{Share::kWhole}, {.days_after_activation = 30}, ""};

constexpr std::array<std::string_view, 6> kStatusNames = {"DRAFT",  "PENDING_CREDIT", "PENDING_APPROVAL",
                                                          "ACTIVE", "COMPLETED",      "TERMINATED"};

// Whether the calendar may announce something about this instalment.
bool Chased(const Contract& c, const Instalment* instalment) {
  return c.status == ContractStatus::kActive && instalment != nullptr && !instalment->paid() &&
         instalment->due_date.has_value();
}

}  // namespace

std::string_view Name(ContractStatus status) { return kStatusNames[static_cast<std::size_t>(status)]; }

std::optional<ContractStatus> ParseContractStatus(std::string_view name) {
  for (std::size_t i = 0; i < kStatusNames.size(); ++i)
    if (kStatusNames[i] == name) return static_cast<ContractStatus>(i);
  return std::nullopt;
}

std::int64_t Contract::paid_minor() const {
  std::int64_t sum = 0;
  for (const Instalment& instalment : instalments) sum += instalment.paid_minor;
  return sum;
}

Instalment* Contract::Find(int number) {
  return number < 1 || number > static_cast<int>(instalments.size()) ? nullptr : &instalments[number - 1];
}

const Instalment* Contract::Find(int number) const { return const_cast<Contract*>(this)->Find(number); }

bool IsNegotiable(const Contract& c) {
  return c.status == ContractStatus::kDraft || c.status == ContractStatus::kPendingCredit;
}

Uuid ContractId(const Uuid& quote_id) { return Uuid::FromName(kSpace, quote_id.ToString()); }

std::string ContractNumber(const Uuid& contract_id, absl::CivilDay drafted) {
  // Crockford's digits: none of them can be read as another.
  static constexpr char kDigits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string code;
  for (int i = 0; i < 10; ++i) code += kDigits[(contract_id.low() >> (5 * i)) & 31];
  return absl::StrCat("C", absl::Dec(drafted.year(), absl::kZeroPad4),
                      absl::Dec(drafted.month(), absl::kZeroPad2), absl::Dec(drafted.day(), absl::kZeroPad2),
                      "-", code);
}

ContractDrafted Draft(const AcceptedQuote& quote, std::string time_zone, absl::CivilDay today,
                      absl::Time now) {
  ContractDrafted drafted;
  Contract& c = drafted.contract;
  c.id = ContractId(quote.id);
  c.number = ContractNumber(c.id, today);
  c.quote_id = quote.id;
  c.opportunity_id = quote.opportunity_id;
  c.customer_id = quote.customer_id;
  c.customer_name = quote.customer_name;
  c.title = quote.title;
  c.owner_id = quote.owner_id;
  c.org_unit_id = quote.org_unit_id;
  c.total = quote.total;
  c.product_ids = quote.product_ids;
  c.time_zone = std::move(time_zone);
  c.create_time = c.update_time = now;
  absl::StatusOr<std::vector<Instalment>> agreed = BuildSchedule(c.total, quote.terms, today);
  if (!agreed.ok() && !quote.terms.empty() && c.total.minor_units > 0)
    drafted.dropped_terms = agreed.status();
  if (!agreed.ok()) agreed = BuildSchedule(c.total, {{kWhole}}, today);
  if (agreed.ok()) c.instalments = *std::move(agreed);
  for (Instalment& instalment : c.instalments) instalment.revision = 1;
  return drafted;
}

absl::StatusOr<ContractUpdated> ChangeSchedule(const Contract& c, absl::Span<const ScheduleLine> lines,
                                               absl::CivilDay today, absl::Time now) {
  if (!IsNegotiable(c)) {
    return errors::IllegalMove("contract", "state", Name(c.status), "DRAFT",
                               "a schedule can be changed until the contract is in force");
  }
  absl::StatusOr<std::vector<Instalment>> instalments = BuildSchedule(c.total, lines, today);
  if (!instalments.ok()) return instalments.status();
  ContractUpdated updated{c, c.status};
  updated.contract.instalments = *std::move(instalments);
  updated.contract.update_time = now;
  for (Instalment& instalment : updated.contract.instalments) instalment.revision = c.version + 1;
  return updated;
}

absl::Status CheckActivatable(const Contract& c, absl::CivilDay today) {
  if (!IsNegotiable(c)) {
    return errors::IllegalMove("contract", "state", Name(c.status), "ACTIVE",
                               "only a draft, or one held for credit, can be activated");
  }
  if (c.customer_id.nil()) {
    return errors::FailedPrecondition(
        "CUSTOMER_MISSING", "the contract's quote has no customer, so that there is nobody to owe it",
        {{"field", "customer_id"}});
  }
  std::vector<int> passed;
  for (const Instalment& instalment : c.instalments)
    if (instalment.due.date && *instalment.due.date < today) passed.push_back(instalment.number);
  if (!passed.empty()) {
    return errors::FailedPrecondition(
        "DUE_DATE_PASSED", "due dates have passed since the schedule was made; change the schedule",
        {{"field", "instalments"}, {"instalments", absl::StrJoin(passed, ",")}});
  }
  return absl::OkStatus();
}

ContractUpdated Hold(const Contract& c, const CreditDecision& decision, absl::Time now) {
  ContractUpdated held{c, c.status};
  held.contract.status = ContractStatus::kPendingCredit;
  held.contract.hold = CreditHold{decision.reasons, decision.excess_minor, now, std::nullopt, Uuid(), ""};
  held.contract.update_time = now;
  return held;
}

absl::StatusOr<CreditHold> ReleaseHold(const Contract& c, const Uuid& by, std::string_view reason,
                                       absl::Time now) {
  if (c.status != ContractStatus::kPendingCredit || !c.hold) {
    return errors::IllegalMove("contract", "state", Name(c.status), "RELEASED",
                               "only a contract held for credit is released");
  }
  CreditHold hold = *c.hold;
  hold.released_time = now;
  hold.released_by = by;
  hold.release_reason = std::string(reason);
  return hold;
}

ContractActivated Activate(const Contract& c, absl::CivilDay today, absl::Time now) {
  ContractActivated activated{c, today};
  activated.contract.status = ContractStatus::kActive;
  activated.contract.activate_time = activated.contract.update_time = now;
  for (Instalment& instalment : activated.contract.instalments) {
    instalment.due_date = DueDate(instalment.due, today);
    instalment.revision = c.version + 1;
  }
  return activated;
}

bool IsFulfilled(const Contract& c) {
  return c.status == ContractStatus::kActive && c.outstanding_minor() == 0;
}

ContractCompleted Complete(const Contract& c, absl::Time now) {
  ContractCompleted completed{c};
  completed.contract.status = ContractStatus::kCompleted;
  completed.contract.complete_time = completed.contract.update_time = now;
  return completed;
}

std::optional<InstalmentDue> AnnounceDue(const Contract& c, int number, absl::CivilDay today,
                                         absl::Time now) {
  const Instalment* instalment = c.Find(number);
  if (!Chased(c, instalment) || instalment->due_time || today < *instalment->due_date) return std::nullopt;
  InstalmentDue due{c, number};
  due.contract.Find(number)->due_time = now;
  due.contract.Find(number)->revision = c.version + 1;
  due.contract.update_time = now;
  return due;
}

std::optional<InstalmentOverdue> AnnounceOverdue(const Contract& c, int number, absl::CivilDay today,
                                                 absl::Time now) {
  const Instalment* instalment = c.Find(number);
  if (!Chased(c, instalment) || instalment->overdue_time || today <= *instalment->due_date)
    return std::nullopt;
  InstalmentOverdue overdue{c, number};
  overdue.contract.Find(number)->overdue_time = now;
  overdue.contract.Find(number)->revision = c.version + 1;
  overdue.contract.update_time = now;
  return overdue;
}

}  // namespace crm::contract
