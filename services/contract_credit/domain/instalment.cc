#include "services/contract_credit/domain/instalment.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"

namespace crm::contract {
namespace {

constexpr int kPercentDigits = 4;  // digits after the point
constexpr std::int64_t kMillionthsPerPercent = 10'000;

std::string Path(std::size_t line, std::string_view field) {
  return absl::StrCat("instalments[", line, "].", std::string(field));
}

void CheckDue(const DueRule& due, std::size_t line, absl::CivilDay today, errors::Violations& violations) {
  if (due.date && *due.date < today) {
    violations.Add(Path(line, "due_date"), "PAST_DATE",
                   absl::StrCat("the due date ", absl::FormatCivilTime(*due.date), " is past; today is ",
                                absl::FormatCivilTime(today), " in the customer's time zone"));
  }
  if (!due.date && (due.days_after_activation < 0 || due.days_after_activation > kMaxDaysAfterActivation)) {
    violations.Add(Path(line, "days_after_activation"), "OUT_OF_RANGE",
                   absl::StrCat("must be from 0 to ", kMaxDaysAfterActivation));
  }
}

// Amounts per line, or nothing when a violation was added.
std::vector<std::int64_t> FromShares(const Money& total, absl::Span<const ScheduleLine> lines,
                                     errors::Violations& violations) {
  std::vector<std::int64_t> weights;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::int64_t weight = std::get<Share>(lines[i].part).millionths;
    if (weight <= 0 || weight > Share::kWhole) {
      violations.Add(Path(i, "percent"), "OUT_OF_RANGE", "must be above 0 and at most 100");
      return {};
    }
    weights.push_back(weight);
    sum += weight;
  }
  if (sum != Share::kWhole) {
    violations.Add("instalments", "PERCENTAGES_NOT_100",
                   absl::StrCat("the percentages add up to ", FormatPercent({sum}), ", not to 100"));
    return {};
  }
  std::vector<std::int64_t> amounts = Allocate(total.minor_units, weights);
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    if (amounts[i] == 0)
      violations.Add(Path(i, "percent"), "TOO_SMALL",
                     "this share of the total is less than its smallest unit");
  }
  return amounts;
}

std::vector<std::int64_t> FromAmounts(const Money& total, absl::Span<const ScheduleLine> lines,
                                      errors::Violations& violations) {
  std::vector<std::int64_t> amounts;
  std::optional<Money> sum = Money{total.currency, 0};
  bool sound = true;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Money& amount = std::get<Money>(lines[i].part);
    if (amount.currency != total.currency) {
      violations.Add(Path(i, "amount.currency_code"), "CURRENCY_MISMATCH",
                     absl::StrCat("the contract is in ", total.currency));
      sound = false;
    }
    if (amount.minor_units <= 0) {
      violations.Add(Path(i, "amount.minor_units"), "NOT_POSITIVE", "must be above 0");
      sound = false;
    }
    amounts.push_back(amount.minor_units);
    if (sound) sum = sum ? Add(*sum, amount) : sum;
  }
  if (sound && (!sum || *sum != total)) {
    violations.Add(
        "instalments", "AMOUNTS_NOT_TOTAL",
        absl::StrCat("the amounts add up to ", sum ? absl::StrCat(sum->minor_units) : "an overflow",
                     ", not to the contract's total of ", total.minor_units, " minor units"));
  }
  return amounts;
}

}  // namespace

std::optional<Share> ParsePercent(std::string_view text) {
  std::int64_t value = 0;
  int after_point = -1;  // -1: no point seen
  int digits = 0;
  for (const char c : text) {
    if (c == '.' && after_point < 0 && digits > 0) {
      after_point = 0;
    } else if (c >= '0' && c <= '9' && ++digits <= 9) {
      if (after_point >= 0 && ++after_point > kPercentDigits) return std::nullopt;
      value = value * 10 + (c - '0');
    } else {
      return std::nullopt;
    }
  }
  if (digits == 0 || after_point == 0) return std::nullopt;
  for (int i = std::max(after_point, 0); i < kPercentDigits; ++i) value *= 10;
  return Share{value};
}

std::string FormatPercent(Share share) {
  std::string text = absl::StrCat(share.millionths / kMillionthsPerPercent);
  std::int64_t fraction = share.millionths % kMillionthsPerPercent;
  if (fraction == 0) return text;
  std::string digits = absl::StrCat(kMillionthsPerPercent + fraction).substr(1);
  digits.erase(digits.find_last_not_of('0') + 1);
  return absl::StrCat(text, ".", digits);
}

absl::CivilDay DueDate(const DueRule& rule, absl::CivilDay activated) {
  if (rule.date) return *rule.date;
  const absl::CivilDay day = activated + rule.days_after_activation;
  return rule.end_of_month ? absl::CivilDay(absl::CivilMonth(day) + 1) - 1 : day;
}

std::string_view Name(InstalmentStatus status) {
  switch (status) {
    case InstalmentStatus::kScheduled:
      return "SCHEDULED";
    case InstalmentStatus::kDue:
      return "DUE";
    case InstalmentStatus::kOverdue:
      return "OVERDUE";
    case InstalmentStatus::kPaid:
      return "PAID";
  }
  return "";
}

InstalmentStatus StatusOn(const Instalment& instalment, absl::CivilDay today) {
  if (instalment.paid()) return InstalmentStatus::kPaid;
  if (!instalment.due_date || today < *instalment.due_date) return InstalmentStatus::kScheduled;
  return today == *instalment.due_date ? InstalmentStatus::kDue : InstalmentStatus::kOverdue;
}

int DaysOverdue(const Instalment& instalment, absl::CivilDay today) {
  if (StatusOn(instalment, today) != InstalmentStatus::kOverdue) return 0;
  return static_cast<int>(today - *instalment.due_date);
}

absl::StatusOr<std::vector<Instalment>> BuildSchedule(const Money& total,
                                                      absl::Span<const ScheduleLine> lines,
                                                      absl::CivilDay today) {
  errors::Violations violations;
  if (lines.size() > kMaxInstalments)
    violations.Add("instalments", "TOO_MANY", absl::StrCat("at most ", kMaxInstalments, " instalments"));
  if (lines.empty() && total.minor_units > 0)
    violations.Add("instalments", "REQUIRED", "a contract with a total needs at least one instalment");
  if (!lines.empty() && total.minor_units == 0)
    violations.Add("instalments", "NOTHING_TO_PAY", "a contract with a total of 0 has no instalments");
  if (!violations.empty()) return violations.ToStatus();

  for (std::size_t i = 0; i < lines.size(); ++i) CheckDue(lines[i].due, i, today, violations);
  std::vector<std::int64_t> amounts;
  const auto is_share = [](const ScheduleLine& line) { return std::holds_alternative<Share>(line.part); };
  if (std::all_of(lines.begin(), lines.end(), is_share)) {
    if (!lines.empty()) amounts = FromShares(total, lines, violations);
  } else if (std::none_of(lines.begin(), lines.end(), is_share)) {
    amounts = FromAmounts(total, lines, violations);
  } else {
    violations.Add("instalments", "MIXED_PARTS", "give all instalments as percentages or all as amounts");
  }
  if (!violations.empty()) return violations.ToStatus();

  std::vector<Instalment> instalments;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Instalment& instalment = instalments.emplace_back();
    instalment.number = static_cast<int>(i) + 1;
    instalment.amount_minor = amounts[i];
    if (is_share(lines[i])) instalment.share = std::get<Share>(lines[i].part);
    instalment.due = lines[i].due;
    instalment.description = lines[i].description;
    instalment.due_date = lines[i].due.date;
  }
  return instalments;
}

absl::Time DueAt(absl::CivilDay due_date, const absl::TimeZone& zone) {
  return absl::FromCivil(due_date, zone);
}

absl::Time OverdueAt(absl::CivilDay due_date, const absl::TimeZone& zone) {
  return absl::FromCivil(due_date + 1, zone);
}

}  // namespace crm::contract
