#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace crm {

// An amount in the minor units of an ISO 4217 currency (cents, fen; yen have none).
// Arithmetic is checked: nullopt on overflow or when currencies differ. Never floating point.
struct Money {
  std::string currency;  // three upper-case letters
  std::int64_t minor_units = 0;

  friend bool operator==(const Money&, const Money&) = default;
};

// No amount that somebody states is larger, in minor units: far beyond every real one, and small enough that
// thousands of them can be added up.
inline constexpr std::int64_t kLargestAmount = 1'000'000'000'000'000;

// True for a currency of ISO 4217 that can be an amount's currency.
bool IsCurrency(std::string_view code);

// Digits after the decimal point: 2 for CNY, 0 for JPY, 3 for KWD. `code` must be a currency.
int CurrencyDigits(std::string_view code);

std::optional<Money> Add(const Money& a, const Money& b);

// amount × numerator ÷ denominator, rounded half away from zero. denominator > 0.
std::optional<std::int64_t> MulDiv(std::int64_t amount, std::int64_t numerator, std::int64_t denominator);

// Splits `total` (≥ 0) in proportion to `weights` (each ≥ 0, not all 0) by the largest-remainder method
// (Hamilton): the parts always add up to the whole; equal remainders go to the earlier part.
std::vector<std::int64_t> Allocate(std::int64_t total, absl::Span<const std::int64_t> weights);

}  // namespace crm
