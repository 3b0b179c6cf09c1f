#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/money.h"
#include "common/base/uuid.h"

namespace crm::opportunity {

// Hundredths of a percent: 33.34 % is 3334, the whole is 10,000.
using BasisPoints = int;
inline constexpr BasisPoints kWhole = 10'000;

// One product of a quote. All amounts are minor units of the quote's currency.
struct QuoteLine {
  Uuid product_id;
  std::string product_name;
  std::int64_t quantity = 0;
  std::int64_t unit_price = 0;
  BasisPoints discount = 0;  // on this line
  BasisPoints tax_rate = 0;
  std::int64_t gross = 0;  // quantity × unit price
  std::int64_t net = 0;    // after its own discount and its share of the quote's
  std::int64_t tax = 0;    // tax_rate of net
  friend bool operator==(const QuoteLine&, const QuoteLine&) = default;
};

// A part of the price: what share of the total, and how many days after the contract becomes active.
struct Instalment {
  std::string label;
  BasisPoints share = 0;
  int days_after_activation = 0;
  std::int64_t amount = 0;  // minor units; the parts always add up to the total
  friend bool operator==(const Instalment&, const Instalment&) = default;
};

// An offer: DRAFT → SUBMITTED → ACCEPTED. What is submitted no longer changes; accepting it wins the
// opportunity.
struct Quote {
  static constexpr std::string_view kAggregateType = "quote";
  enum class Status { kDraft, kSubmitted, kAccepted };

  Uuid id, owner_id, org_unit_id, opportunity_id;
  std::optional<Uuid> customer_id;
  std::optional<Uuid> lead_id;
  std::string number;  // unique, for people: "Q-20260302-1F9A03C2"
  std::string opportunity_name, customer_name, name, currency;
  std::vector<QuoteLine> lines;
  std::int64_t discount = 0;      // on the whole, spread over the lines by largest remainder
  std::int64_t subtotal = 0;      // Σ lines before `discount`
  std::int64_t net = 0, tax = 0;  // Σ of the lines; subtotal - discount = net
  std::int64_t total = 0;         // net + tax: what the customer pays
  std::vector<Instalment> instalments;
  absl::CivilDay valid_until;  // the last day, in UTC
  Status status = Status::kDraft;
  std::optional<absl::Time> submit_time, accept_time;
  std::int64_t version = 0;
  absl::Time create_time, update_time;
};

struct CreateQuote {
  Uuid opportunity_id;
  std::string name, currency;
  std::vector<QuoteLine> lines;  // unit_price < 0 = the product's list price
  std::int64_t discount = 0;
  std::vector<Instalment> instalments;
  absl::CivilDay valid_until;
};
struct SubmitQuote {
  Uuid id;
  std::optional<std::int64_t> expected_version;
};
struct AcceptQuote {
  Uuid id;
  std::optional<std::int64_t> expected_version;
  std::string reason, note;  // why it was won; without a reason: "quote_accepted"
};

struct QuoteDrafted {
  Quote quote;
};
struct QuoteSubmitted {
  Quote quote;
};
struct QuoteAccepted {
  Quote quote;
};

// Fills in every line's gross and net, the totals and the instalments' amounts. AMOUNT_OVERFLOW naming the
// line; DISCOUNT_TOO_LARGE when the discount exceeds the subtotal; INSTALMENTS_NOT_WHOLE unless they add up
// to 100 %; INSTALMENT_TOO_SMALL naming one whose share of the total rounds to nothing, which no contract
// takes. Without instalments the whole is due at activation.
absl::Status Price(Quote& quote);

// ILLEGAL_STATE_MOVE unless a draft; QUOTE_EXPIRED past valid_until.
absl::StatusOr<QuoteSubmitted> Submit(Quote quote, absl::Time now);

// ILLEGAL_STATE_MOVE unless submitted; QUOTE_EXPIRED past valid_until.
absl::StatusOr<QuoteAccepted> Accept(Quote quote, absl::Time now);

}  // namespace crm::opportunity
