#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/money.h"

namespace crm::contract {

// A share of a whole, in millionths: 33.34 % is 333,400.
struct Share {
  static constexpr std::int64_t kWhole = 1'000'000;
  std::int64_t millionths = 0;

  friend bool operator==(const Share&, const Share&) = default;
};

// "33.34" → 333,400 millionths; at most four digits after the point. Empty when it is no such number.
std::optional<Share> ParsePercent(std::string_view text);
std::string FormatPercent(Share share);

// When an instalment falls due: on a date, or some days after the contract is activated, if wanted moved to
// the last day of that month.
struct DueRule {
  std::optional<absl::CivilDay> date = std::nullopt;
  int days_after_activation = 0;
  bool end_of_month = false;

  friend bool operator==(const DueRule&, const DueRule&) = default;
};

// The date that `rule` means for a contract activated on `activated`.
absl::CivilDay DueDate(const DueRule& rule, absl::CivilDay activated);

// One line of a payment schedule as agreed: a share of the contract's total, or an amount.
struct ScheduleLine {
  std::variant<Share, Money> part;
  DueRule due = {};
  std::string description = {};  // what it is for: "on signature"
};

enum class InstalmentStatus { kScheduled, kDue, kOverdue, kPaid };
std::string_view Name(InstalmentStatus status);

// One part of a contract's total. Its amount and what is paid of it are in the contract's currency.
struct Instalment {
  int number = 0;  // 1, 2, 3 … within its contract
  std::int64_t amount_minor = 0;
  std::int64_t paid_minor = 0;
  std::optional<Share> share = std::nullopt;  // empty when agreed as an amount
  DueRule due = {};
  std::string description = {};
  std::optional<absl::CivilDay> due_date = std::nullopt;  // set by the activation
  std::optional<absl::Time> due_time = std::nullopt;      // when InstalmentDue was announced
  std::optional<absl::Time> overdue_time = std::nullopt;  // when InstalmentOverdue was announced
  std::int64_t revision = 0;                              // the contract's version of the last change

  std::int64_t outstanding_minor() const { return amount_minor - paid_minor; }
  bool paid() const { return paid_minor == amount_minor; }
  bool fell_due() const { return due_time.has_value(); }
};

// What the instalment is on `today` (a day in the customer's zone), whether or not a job has announced it.
InstalmentStatus StatusOn(const Instalment& instalment, absl::CivilDay today);

// Days since the due date, 0 when it is not past or nothing is outstanding.
int DaysOverdue(const Instalment& instalment, absl::CivilDay today);

inline constexpr int kMaxInstalments = 120;
inline constexpr int kMaxDaysAfterActivation = 3650;

// Turns the agreed lines into instalments that add up to `total` exactly: shares by the largest remainder,
// amounts as they are. Fails with every violation at once, named by its path ("instalments[2].due_date"):
// MIXED_PARTS, PERCENTAGES_NOT_100, AMOUNTS_NOT_TOTAL, CURRENCY_MISMATCH, NOT_POSITIVE, PAST_DATE,
// TOO_SMALL (a share that rounds to nothing), OUT_OF_RANGE, TOO_MANY, REQUIRED.
absl::StatusOr<std::vector<Instalment>> BuildSchedule(const Money& total,
                                                      absl::Span<const ScheduleLine> lines,
                                                      absl::CivilDay today);

// The first instant at which the instalment is due, and at which it is overdue, in the customer's zone.
absl::Time DueAt(absl::CivilDay due_date, const absl::TimeZone& zone);
absl::Time OverdueAt(absl::CivilDay due_date, const absl::TimeZone& zone);

}  // namespace crm::contract
