#include "services/opportunity/domain/quote.h"

#include <gmock/gmock.h>

#include <limits>
#include <numeric>
#include <random>

#include "common/status/errors.h"

namespace crm::opportunity {
namespace {

using ::testing::ElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

Quote Of(std::vector<QuoteLine> lines, std::vector<Instalment> instalments = {}) {
  Quote quote;
  quote.currency = "CNY";
  quote.lines = std::move(lines);
  quote.instalments = std::move(instalments);
  quote.valid_until = absl::CivilDay(2030, 1, 1);
  return quote;
}

QuoteLine Line(std::int64_t quantity, std::int64_t unit_price, int discount = 0, int tax_rate = 0) {
  QuoteLine line;
  line.quantity = quantity;
  line.unit_price = unit_price;
  line.discount = discount;
  line.tax_rate = tax_rate;
  return line;
}

Instalment Part(int share) { return {.label = "", .share = share, .days_after_activation = 0, .amount = 0}; }

TEST(QuoteTest, ThreeThirdsAddUpToTheCent) {
  Quote quote = Of({Line(1, 10'000)}, {Part(3334), Part(3333), Part(3333)});
  ASSERT_TRUE(Price(quote).ok());
  EXPECT_THAT(quote.instalments, ElementsAre(::testing::Field(&Instalment::amount, 3334),
                                             ::testing::Field(&Instalment::amount, 3333),
                                             ::testing::Field(&Instalment::amount, 3333)));
  quote = Of({Line(1, 10'001)}, {Part(3334), Part(3333), Part(3333)});
  ASSERT_TRUE(Price(quote).ok());
  EXPECT_EQ(quote.instalments[0].amount + quote.instalments[1].amount + quote.instalments[2].amount, 10'001);
}

TEST(QuoteTest, InstalmentsHaveToBeTheWhole) {
  Quote quote = Of({Line(1, 100)}, {Part(5000), Part(4999)});
  EXPECT_EQ(errors::Reason(Price(quote)), "INSTALMENTS_NOT_WHOLE");
}

TEST(QuoteTest, NoInstalmentRoundsToNothing) {
  Quote quote = Of({Line(1, 100)}, {Part(9999), Part(1)});
  EXPECT_EQ(errors::Reason(Price(quote)), "INSTALMENT_TOO_SMALL");
  quote = Of({Line(1, 10'000)}, {Part(9999), Part(1)});
  EXPECT_TRUE(Price(quote).ok());
  quote = Of({Line(1, 0)}, {Part(5000), Part(5000)});
  EXPECT_TRUE(Price(quote).ok()) << "a gift";
}

TEST(QuoteTest, WithoutTermsEverythingIsDueAtActivation) {
  Quote quote = Of({Line(2, 50)});
  ASSERT_TRUE(Price(quote).ok());
  ASSERT_EQ(quote.instalments.size(), 1u);
  EXPECT_EQ(quote.instalments[0].amount, 100);
}

TEST(QuoteTest, SpreadsItsDiscountByLargestRemainder) {
  Quote quote = Of({Line(1, 100), Line(1, 100), Line(1, 100)});
  quote.discount = 100;
  ASSERT_TRUE(Price(quote).ok());
  EXPECT_EQ(quote.subtotal, 300);
  EXPECT_EQ(quote.total, 200);
  EXPECT_EQ(quote.lines[0].net, 66);
  EXPECT_EQ(quote.lines[1].net, 67);
  EXPECT_EQ(quote.lines[2].net, 67);
  quote = Of({Line(1, 10)});
  quote.discount = 11;
  EXPECT_EQ(errors::Reason(Price(quote)), "DISCOUNT_TOO_LARGE");
}

TEST(QuoteTest, RefusesWhatIsTooLargeToCount) {
  const auto refused = [](Quote quote) { return errors::Reason(Price(quote)) == "AMOUNT_OVERFLOW"; };
  EXPECT_FALSE(refused(Of({Line(1, kLargestAmount)})));
  EXPECT_TRUE(refused(Of({Line(2, std::numeric_limits<std::int64_t>::max())})));
  EXPECT_TRUE(refused(Of({Line(2, kLargestAmount)})));
  EXPECT_TRUE(refused(Of({Line(1, kLargestAmount), Line(1, 1)})));
  EXPECT_TRUE(refused(Of({Line(1, kLargestAmount, 0, 1)}))) << "with its tax";
}

// Whatever the numbers: nets add up to the net total, taxes to the tax, instalments to the total; nothing is
// negative.
TEST(QuoteTest, PartsAlwaysAddUpToTheWhole) {
  std::mt19937_64 random(11);
  const auto upto = [&](std::int64_t max) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(max + 1));
  };
  for (int round = 0; round < 2000; ++round) {
    Quote quote = Of({});
    for (std::int64_t i = 0, n = 1 + upto(8); i < n; ++i)
      quote.lines.push_back(Line(1 + upto(1000), upto(1'000'000), static_cast<int>(upto(kWhole)),
                                 static_cast<int>(upto(2500))));
    int left = kWhole;
    while (left > 0) {
      const int share = 1 + static_cast<int>(upto(left - 1));
      quote.instalments.push_back(Part(share));
      left -= share;
    }
    const auto is_priced = [&] {
      const absl::Status status = Price(quote);
      return status.ok() || errors::Reason(status) == "INSTALMENT_TOO_SMALL";
    };
    ASSERT_TRUE(is_priced());
    quote.discount = upto(quote.subtotal);
    ASSERT_TRUE(is_priced());
    std::int64_t net = 0, tax = 0, paid = 0;
    for (const QuoteLine& line : quote.lines) {
      EXPECT_GE(line.net, 0);
      net += line.net;
      tax += line.tax;
    }
    for (const Instalment& part : quote.instalments) {
      EXPECT_GE(part.amount, 0);
      paid += part.amount;
    }
    EXPECT_EQ(net, quote.net);
    EXPECT_EQ(net, quote.subtotal - quote.discount);
    EXPECT_EQ(tax, quote.tax);
    EXPECT_EQ(paid, quote.total);
    EXPECT_EQ(quote.total, net + tax);
  }
}

TEST(QuoteTest, IsSubmittedThenAcceptedWhileItIsValid) {
  Quote quote = Of({Line(1, 1)});
  EXPECT_EQ(errors::Reason(Accept(quote, kNow).status()), "ILLEGAL_STATE_MOVE");
  const auto submitted = Submit(quote, kNow);
  ASSERT_TRUE(submitted.ok());
  EXPECT_EQ(errors::Reason(Submit(submitted->quote, kNow).status()), "ILLEGAL_STATE_MOVE");
  const auto accepted = Accept(submitted->quote, kNow);
  ASSERT_TRUE(accepted.ok());
  EXPECT_EQ(errors::Reason(Accept(accepted->quote, kNow).status()), "ILLEGAL_STATE_MOVE");
  quote.valid_until = absl::CivilDay(2020, 1, 1);
  EXPECT_EQ(errors::Reason(Submit(quote, kNow).status()), "QUOTE_EXPIRED");
}

}  // namespace
}  // namespace crm::opportunity
