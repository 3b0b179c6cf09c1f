#include "services/contract_credit/domain/contract.h"

#include <numeric>
#include <random>

#include "common/status/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/contract_credit/domain/payment.h"

namespace crm::contract {
namespace {

using ::testing::ElementsAre;

const absl::CivilDay kToday(2026, 11, 22);
const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 11, 22, 10, 0, 0), absl::UTCTimeZone());

Contract DraftOf(std::int64_t total) {
  AcceptedQuote quote;
  quote.id = Uuid::New();
  quote.customer_id = Uuid::New();
  quote.title = "华东生产线改造";
  quote.total = {"CNY", total};
  return Draft(quote, "Asia/Shanghai", kToday, kNow).contract;
}

ScheduleLine On(absl::CivilDay date, std::int64_t minor) { return {Money{"CNY", minor}, {.date = date}}; }

// 1,000 in three parts, due in 10, 20 and 30 days.
Contract ActiveContract() {
  Contract c = DraftOf(1000);
  Apply(c,
        ChangeSchedule(c, {{On(kToday + 10, 300), On(kToday + 20, 300), On(kToday + 30, 400)}}, kToday, kNow)
            .value());
  Apply(c, Activate(c, kToday, kNow));
  return c;
}

PaymentTerms Pay(std::int64_t minor, std::vector<Allocation> told = {}) {
  PaymentTerms terms;
  terms.id = Uuid::New();
  terms.amount = {"CNY", minor};
  terms.allocations = std::move(told);
  return terms;
}

std::vector<std::string> Broken(const absl::Status& status) {
  std::vector<std::string> broken;
  for (const errors::Violation& violation : errors::ViolationsOf(status))
    broken.push_back(violation.field + " " + violation.reason);
  return broken;
}

TEST(Contract, IsDraftedOncePerQuote) {
  const Uuid quote = Uuid::New();
  EXPECT_EQ(ContractId(quote), ContractId(quote));
  EXPECT_NE(ContractId(quote), ContractId(Uuid::New()));
  const Contract c = DraftOf(500);
  EXPECT_EQ(c.status, ContractStatus::kDraft);
  EXPECT_EQ(c.instalments.size(), 1u);
  EXPECT_EQ(c.instalments[0].amount_minor, 500);
  EXPECT_EQ(c.number.substr(0, 10), "C20261122-");
  EXPECT_EQ(c.number.size(), 20u);
}

TEST(Contract, TakesOverTheTermsOfItsQuote) {
  AcceptedQuote quote;
  quote.id = Uuid::New();
  quote.total = {"CNY", 10'000};
  quote.terms = {{*ParsePercent("30"), {.days_after_activation = 0}, "on signature"},
                 {*ParsePercent("70"), {.days_after_activation = 60}, "on delivery"}};
  const auto [c, dropped] = Draft(quote, "UTC", kToday, kNow);
  ASSERT_EQ(c.instalments.size(), 2u);
  EXPECT_EQ(c.instalments[1].amount_minor, 7000);
  EXPECT_EQ(c.instalments[1].description, "on delivery");
  EXPECT_TRUE(dropped.ok());
  quote.terms.pop_back();  // 30 % alone is no agreement
  const ContractDrafted whole = Draft(quote, "UTC", kToday, kNow);
  EXPECT_EQ(whole.contract.instalments[0].amount_minor, 10'000);
  EXPECT_EQ(errors::ViolationsOf(whole.dropped_terms).at(0).reason, "PERCENTAGES_NOT_100");
}

TEST(Contract, OverNothingIsFulfilledWhenActivated) {
  Contract c = DraftOf(0);
  EXPECT_TRUE(c.instalments.empty());
  EXPECT_TRUE(CheckActivatable(c, kToday).ok());
  Apply(c, Activate(c, kToday, kNow));
  EXPECT_TRUE(IsFulfilled(c));
}

TEST(Contract, RelativeDueDatesAreFixedByTheActivation) {
  Contract c = DraftOf(500);
  EXPECT_FALSE(c.instalments[0].due_date);
  Apply(c, Activate(c, kToday, kNow));
  EXPECT_EQ(c.instalments[0].due_date, kToday + 30);
}

TEST(Contract, OnlyADraftChangesItsSchedule) {
  const Contract c = ActiveContract();
  EXPECT_EQ(errors::Reason(ChangeSchedule(c, {}, kToday, kNow).status()), "ILLEGAL_STATE_MOVE");
}

TEST(Contract, IsNotActivatedOverPassedDatesOrWithoutCustomer) {
  Contract c = DraftOf(1000);
  Apply(c, ChangeSchedule(c, {{On(kToday, 1000)}}, kToday, kNow).value());
  EXPECT_TRUE(CheckActivatable(c, kToday).ok());
  EXPECT_EQ(errors::Reason(CheckActivatable(c, kToday + 1)), "DUE_DATE_PASSED");
  c.customer_id = Uuid();
  EXPECT_EQ(errors::Reason(CheckActivatable(c, kToday)), "CUSTOMER_MISSING");
  EXPECT_EQ(errors::Reason(CheckActivatable(ActiveContract(), kToday)), "ILLEGAL_STATE_MOVE");
}

TEST(Contract, HoldIsReleasedByAPerson) {
  Contract c = DraftOf(1000);
  EXPECT_EQ(errors::Reason(ReleaseHold(c, Uuid::New(), "", kNow).status()), "ILLEGAL_STATE_MOVE");
  CreditDecision decision;
  decision.reasons = {"OVER_LIMIT"};
  decision.excess_minor = 400;
  Apply(c, Hold(c, decision, kNow));
  EXPECT_EQ(c.status, ContractStatus::kPendingCredit);
  EXPECT_EQ(c.hold->excess_minor, 400);
  const Uuid by = Uuid::New();
  c.hold = ReleaseHold(c, by, "prepaid by bank guarantee", kNow).value();
  EXPECT_EQ(c.hold->released_by, by);
  EXPECT_TRUE(CheckActivatable(c, kToday).ok());
}

TEST(Contract, AnnouncesEachInstalmentOnceAndOnTime) {
  Contract c = ActiveContract();
  EXPECT_FALSE(AnnounceDue(c, 1, kToday + 9, kNow));
  EXPECT_FALSE(AnnounceDue(c, 4, kToday + 99, kNow));
  const auto due = AnnounceDue(c, 1, kToday + 10, kNow);
  ASSERT_TRUE(due);
  Apply(c, *due);
  EXPECT_FALSE(AnnounceDue(c, 1, kToday + 10, kNow));
  EXPECT_FALSE(AnnounceOverdue(c, 1, kToday + 10, kNow));
  const auto overdue = AnnounceOverdue(c, 1, kToday + 12, kNow);
  ASSERT_TRUE(overdue);
  Apply(c, *overdue);
  EXPECT_FALSE(AnnounceOverdue(c, 1, kToday + 13, kNow));
  Apply(c, Receive(c, Pay(600), kNow).value());
  EXPECT_FALSE(AnnounceDue(c, 2, kToday + 20, kNow)) << "paid ahead of time";
}

TEST(Payment, GoesToTheOldestFirst) {
  Contract c = ActiveContract();
  const auto received = Receive(c, Pay(450), kNow);
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_THAT(received->payment.allocations, ElementsAre(Allocation{1, 300}, Allocation{2, 150}));
  Apply(c, *received);
  EXPECT_EQ(c.outstanding_minor(), 550);
  EXPECT_FALSE(IsFulfilled(c));
}

TEST(Payment, GoesWhereItIsTold) {
  Contract c = ActiveContract();
  const auto received = Receive(c, Pay(450, {{3, 400}}), kNow);
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_EQ(received->payment.unallocated_minor(), 50);
  EXPECT_EQ(received->contract.unallocated_minor, 50);
  EXPECT_TRUE(received->contract.Find(3)->paid());
}

TEST(Payment, KeepsWhatIsTooMuch) {
  Contract c = ActiveContract();
  Apply(c, Receive(c, Pay(1200), kNow).value());
  EXPECT_EQ(c.unallocated_minor, 200);
  EXPECT_TRUE(IsFulfilled(c));
  Apply(c, Complete(c, kNow));
  const auto more = Receive(c, Pay(10), kNow);
  ASSERT_TRUE(more.ok()) << "money that came is recorded";
  EXPECT_TRUE(more->payment.allocations.empty());
}

TEST(Payment, IsRefusedWithEveryViolation) {
  const Contract c = ActiveContract();
  PaymentTerms terms = Pay(-1, {{9, 1}});
  terms.amount.currency = "EUR";
  terms.received_time = kNow + absl::Hours(1);
  EXPECT_THAT(
      Broken(Receive(c, terms, kNow).status()),
      ElementsAre("amount.minor_units NOT_POSITIVE", "amount.currency_code CURRENCY_MISMATCH",
                  "received_time FUTURE_TIME", "allocations[0].instalment_number UNKNOWN_INSTALMENT"));
  EXPECT_THAT(Broken(Receive(c, Pay(400, {{1, 301}, {2, 300}, {3, 101}, {3, 0}}), kNow).status()),
              ElementsAre("allocations[0].amount.minor_units EXCEEDS_OUTSTANDING",
                          "allocations[2].amount.minor_units EXCEEDS_PAYMENT",
                          "allocations[3].instalment_number REPEATED",
                          "allocations[3].amount.minor_units NOT_POSITIVE"));
  EXPECT_EQ(errors::Reason(Receive(DraftOf(5), Pay(5), kNow).status()), "ILLEGAL_STATE_MOVE");
}

TEST(Payment, ReversedOpensTheContractAgain) {
  Contract c = ActiveContract();
  const auto received = Receive(c, Pay(1000), kNow);
  Apply(c, *received);
  Apply(c, Complete(c, kNow));
  const auto reversed = Reverse(c, received->payment, "bounced", kNow);
  ASSERT_TRUE(reversed.ok());
  Apply(c, *reversed);
  EXPECT_EQ(c.status, ContractStatus::kActive);
  EXPECT_EQ(c.outstanding_minor(), 1000);
  EXPECT_EQ(errors::Reason(Reverse(c, reversed->payment, "again", kNow).status()),
            "PAYMENT_ALREADY_REVERSED");
}

// Through any mixture of payments, reversals and falling due: instalments stay the total, no part is paid
// beyond itself, allocations never exceed the payment, and the exposure is what is outstanding.
TEST(Payment, KeepsTheBooksThroughAnyStory) {
  std::mt19937_64 random(7);
  for (int story = 0; story < 300; ++story) {
    Contract c = ActiveContract();
    std::int64_t receivable = 0, uninvoiced = 1000;
    std::vector<Payment> payments;
    for (int step = 0; step < 30; ++step) {
      const int number = 1 + static_cast<int>(random() % 3);
      switch (random() % 3) {
        case 0: {
          const auto received = Receive(c, Pay(1 + static_cast<std::int64_t>(random() % 400)), kNow);
          ASSERT_TRUE(received.ok());
          Apply(c, *received);
          receivable += received->exposure.receivable_minor;
          uninvoiced += received->exposure.uninvoiced_minor;
          payments.push_back(received->payment);
          if (IsFulfilled(c)) Apply(c, Complete(c, kNow));
          break;
        }
        case 1: {
          if (payments.empty()) break;
          const std::size_t which = random() % payments.size();
          const auto reversed = Reverse(c, payments[which], "bounced", kNow);
          if (!reversed.ok()) break;
          Apply(c, *reversed);
          receivable += reversed->exposure.receivable_minor;
          uninvoiced += reversed->exposure.uninvoiced_minor;
          payments[which] = reversed->payment;
          break;
        }
        case 2:
          if (const auto due = AnnounceDue(c, number, kToday + 40, kNow)) {
            Apply(c, *due);
            receivable += c.Find(number)->outstanding_minor();
            uninvoiced -= c.Find(number)->outstanding_minor();
          }
      }
      std::int64_t sum = 0, paid = 0, unallocated = 0;
      for (const Instalment& instalment : c.instalments) {
        sum += instalment.amount_minor;
        ASSERT_GE(instalment.paid_minor, 0);
        ASSERT_LE(instalment.paid_minor, instalment.amount_minor);
      }
      for (const Payment& payment : payments) {
        ASSERT_LE(payment.allocated_minor(), payment.amount.minor_units);
        if (!payment.reversed_time)
          paid += payment.allocated_minor(), unallocated += payment.unallocated_minor();
      }
      ASSERT_EQ(sum, 1000);
      ASSERT_EQ(c.paid_minor(), paid);
      ASSERT_EQ(c.unallocated_minor, unallocated);
      ASSERT_GE(receivable, 0);
      ASSERT_GE(uninvoiced, 0);
      ASSERT_EQ(receivable + uninvoiced, c.outstanding_minor());
    }
  }
}

}  // namespace
}  // namespace crm::contract
