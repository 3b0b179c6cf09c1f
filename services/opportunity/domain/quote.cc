#include "services/opportunity/domain/quote.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "services/opportunity/domain/names.h"

namespace crm::opportunity {
namespace {

absl::Status Overflow(const std::string& field) {
  return errors::FailedPrecondition("AMOUNT_OVERFLOW", absl::StrCat(field, " exceeds the largest amount"),
                                    {{"field", field}});
}

// `part` of an amount that can be counted.
std::int64_t ShareOf(std::int64_t amount, BasisPoints part) { return *MulDiv(amount, part, kWhole); }

// One line's price before its share of the quote's discount. False when it is too large.
bool PriceLine(QuoteLine& line) {
  if (__builtin_mul_overflow(line.quantity, line.unit_price, &line.gross) || line.gross > kLargestAmount)
    return false;
  line.net = line.gross - ShareOf(line.gross, line.discount);
  return true;
}

absl::Status RequireValid(const Quote& quote, absl::Time now) {
  if (absl::ToCivilDay(now, absl::UTCTimeZone()) <= quote.valid_until) return absl::OkStatus();
  return errors::FailedPrecondition(
      "QUOTE_EXPIRED", absl::StrCat("the quote was valid until ", absl::FormatCivilTime(quote.valid_until)),
      {{"field", "valid_until_date"}});
}

absl::Status RequireStatus(const Quote& quote, Quote::Status from, Quote::Status to,
                           std::string_view remedy) {
  if (quote.status == from) return absl::OkStatus();
  return errors::IllegalMove("quote", "status", Name(quote.status), Name(to), remedy);
}

}  // namespace

absl::Status Price(Quote& quote) {
  quote.subtotal = 0;
  std::vector<std::int64_t> nets;
  for (std::size_t i = 0; i < quote.lines.size(); ++i) {
    QuoteLine& line = quote.lines[i];
    if (!PriceLine(line)) return Overflow(absl::StrCat("quote.lines[", i, "].quantity"));
    quote.subtotal += line.net;
    if (quote.subtotal > kLargestAmount) return Overflow("quote.lines");
    nets.push_back(line.net);
  }
  if (quote.discount > quote.subtotal)
    return errors::FailedPrecondition("DISCOUNT_TOO_LARGE", "the discount exceeds the sum of the lines",
                                      {{"field", "quote.discount_minor_units"}});
  if (quote.discount > 0) {
    const auto shares = Allocate(quote.discount, nets);
    for (std::size_t i = 0; i < quote.lines.size(); ++i) quote.lines[i].net -= shares[i];
  }
  quote.net = quote.subtotal - quote.discount;
  quote.tax = 0;
  for (QuoteLine& line : quote.lines) {
    line.tax = ShareOf(line.net, line.tax_rate);
    quote.tax += line.tax;
  }
  quote.total = quote.net + quote.tax;
  if (quote.total > kLargestAmount) return Overflow("quote.lines");

  if (quote.instalments.empty()) quote.instalments.push_back({.label = "100%", .share = kWhole});
  std::vector<std::int64_t> shares;
  for (const Instalment& part : quote.instalments) shares.push_back(part.share);
  if (const auto sum = std::accumulate(shares.begin(), shares.end(), std::int64_t{0}); sum != kWhole)
    return errors::FailedPrecondition(
        "INSTALMENTS_NOT_WHOLE",
        absl::StrCat("the payment terms add up to ", sum, " of ", kWhole, " basis points"),
        {{"field", "quote.payment_terms"}});
  const auto amounts = Allocate(quote.total, shares);
  for (std::size_t i = 0; i < amounts.size(); ++i) quote.instalments[i].amount = amounts[i];
  const auto nothing = std::find(amounts.begin(), amounts.end(), 0);
  if (quote.total > 0 && nothing != amounts.end())
    return errors::FailedPrecondition(
        "INSTALMENT_TOO_SMALL", "this share of the total is less than its smallest unit",
        {{"field", absl::StrCat("quote.payment_terms[", nothing - amounts.begin(), "].basis_points")}});
  return absl::OkStatus();
}

absl::StatusOr<QuoteSubmitted> Submit(Quote quote, absl::Time now) {
  using enum Quote::Status;
  if (auto draft = RequireStatus(quote, kDraft, kSubmitted, "only a draft can be submitted"); !draft.ok())
    return draft;
  if (auto valid = RequireValid(quote, now); !valid.ok()) return valid;
  quote.status = kSubmitted;
  quote.submit_time = quote.update_time = now;
  return QuoteSubmitted{std::move(quote)};
}

absl::StatusOr<QuoteAccepted> Accept(Quote quote, absl::Time now) {
  using enum Quote::Status;
  if (auto ready = RequireStatus(quote, kSubmitted, kAccepted, "submit the quote first, and accept it once");
      !ready.ok())
    return ready;
  if (auto valid = RequireValid(quote, now); !valid.ok()) return valid;
  quote.status = kAccepted;
  quote.accept_time = quote.update_time = now;
  return QuoteAccepted{std::move(quote)};
}

}  // namespace crm::opportunity
