#include "services/contract_credit/domain/credit_account.h"

#include <random>

#include "common/status/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace crm::contract {
namespace {

using ::testing::ElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

CreditAccount WithLimit(std::int64_t limit) {
  CreditAccount account = EmptyAccount(Uuid::New(), "CNY", Uuid(), Uuid(), kNow);
  Apply(account, SetLimit(account, limit, std::nullopt, kNow).value());
  return account;
}

TEST(Credit, CarriesUpToItsLimit) {
  CreditAccount account = WithLimit(1000);
  EXPECT_TRUE(CheckCredit(account, 1000, kNow).approved());
  Apply(account, Reserve(account, Uuid::New(), 700, kNow).value());
  EXPECT_EQ(account.available_minor(), 300);
  const CreditDecision decision = CheckCredit(account, 301, kNow);
  EXPECT_THAT(decision.reasons, ElementsAre("OVER_LIMIT"));
  EXPECT_EQ(decision.available_minor, 300);
  EXPECT_EQ(decision.excess_minor, 1);
  EXPECT_EQ(errors::Reason(Reserve(account, Uuid::New(), 301, kNow).status()), "CREDIT_EXCEEDED");
}

TEST(Credit, IsNotGivenByAnEmptyAccount) {
  const CreditAccount account = EmptyAccount(Uuid::New(), "CNY", Uuid(), Uuid(), kNow);
  EXPECT_FALSE(CheckCredit(account, 1, kNow).approved());
  EXPECT_TRUE(CheckCredit(account, 0, kNow).approved());
}

TEST(Credit, ExpiresWithItsLimit) {
  CreditAccount account = WithLimit(1000);
  EXPECT_FALSE(SetLimit(account, -1, kNow, kNow).ok());
  Apply(account, SetLimit(account, 1000, kNow + absl::Hours(1), kNow).value());
  EXPECT_TRUE(CheckCredit(account, 5, kNow).approved());
  EXPECT_THAT(CheckCredit(account, 5, kNow + absl::Hours(1)).reasons, ElementsAre("LIMIT_EXPIRED"));
}

TEST(Credit, LimitMayFallBelowTheExposure) {
  CreditAccount account = WithLimit(1000);
  Apply(account, Reserve(account, Uuid::New(), 800, kNow).value());
  Apply(account, SetLimit(account, 500, std::nullopt, kNow).value());
  EXPECT_EQ(account.ceiling_minor, 800);
  EXPECT_EQ(account.available_minor(), 0);
  EXPECT_FALSE(CheckCredit(account, 1, kNow).approved());
}

TEST(Credit, OverflowIsAnExcess) {
  CreditAccount account = WithLimit(INT64_MAX);
  Apply(account, Reserve(account, Uuid::New(), INT64_MAX - 5, kNow).value());
  EXPECT_FALSE(CheckCredit(account, 6, kNow).approved());
  EXPECT_EQ(errors::Reason(ReserveReleased(account, Uuid::New(), 6).status()), "AMOUNT_OVERFLOW");
}

// Whatever happens, no part goes below zero, the exposure stays under the ceiling, and the ceiling exceeds
// the limit only where somebody decided so.
TEST(Credit, StaysUnderItsCeilingThroughAnyStory) {
  std::mt19937_64 random(11);
  for (int story = 0; story < 200; ++story) {
    CreditAccount account = WithLimit(1000);
    bool somebody_decided = false;
    for (int step = 0; step < 40; ++step) {
      const auto amount = static_cast<std::int64_t>(random() % 500);
      switch (random() % 6) {
        case 0:
          if (const auto reserved = Reserve(account, Uuid(), amount, kNow); reserved.ok()) {
            ASSERT_LE(reserved->account.exposure_minor(), account.limit_minor);
            Apply(account, *reserved);
            Apply(account, Confirm(account, Uuid(), amount));
          }
          break;
        case 1:
          Apply(account, ReserveReleased(account, Uuid(), amount).value());
          Apply(account, Confirm(account, Uuid(), amount));
          somebody_decided = true;
          break;
        case 2: {
          const std::int64_t due = std::min(amount, account.uninvoiced_minor);
          Apply(account, ChangeExposure(account, Uuid(), {due, -due}, AccountCause::kInstalmentDue));
          break;
        }
        case 3: {
          const std::int64_t paid = std::min(amount, account.receivable_minor);
          Apply(account, ChangeExposure(account, Uuid(), {-paid, 0}, AccountCause::kPaymentReceived));
          break;
        }
        case 4:
          Apply(account, ChangeExposure(account, Uuid(), {amount, 0}, AccountCause::kPaymentReversed));
          somebody_decided = true;
          break;
        case 5:
          Apply(account, SetLimit(account, amount * 4, std::nullopt, kNow).value());
          somebody_decided = true;
      }
      ASSERT_GE(account.receivable_minor, 0);
      ASSERT_GE(account.uninvoiced_minor, 0);
      ASSERT_EQ(account.reserved_minor, 0);
      ASSERT_LE(account.exposure_minor(), account.ceiling_minor);
      if (!somebody_decided) {
        ASSERT_EQ(account.ceiling_minor, account.limit_minor);
      }
    }
  }
}

}  // namespace
}  // namespace crm::contract
