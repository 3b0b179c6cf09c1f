#include "services/customer/domain/customer_lifecycle.h"

#include <gtest/gtest.h>

#include "common/status/errors.h"

namespace crm::customer {
namespace {

constexpr Lifecycle kStages[] = {Lifecycle::kUnidentified, Lifecycle::kPotential, Lifecycle::kOpportunity,
                                 Lifecycle::kOrdering,     Lifecycle::kUser,      Lifecycle::kDormant,
                                 Lifecycle::kChurned};

bool Gone(Lifecycle stage) { return stage == Lifecycle::kDormant || stage == Lifecycle::kChurned; }

TEST(Lifecycle, EachFactHasItsStage) {
  EXPECT_EQ(Consequence(Lifecycle::kUnidentified, LifecycleCause::kJudgedPotential), Lifecycle::kPotential);
  EXPECT_EQ(Consequence(Lifecycle::kPotential, LifecycleCause::kQualified), Lifecycle::kOpportunity);
  EXPECT_EQ(Consequence(Lifecycle::kOpportunity, LifecycleCause::kContractActivated), Lifecycle::kOrdering);
  EXPECT_EQ(Consequence(Lifecycle::kOrdering, LifecycleCause::kFirstDeliveryPaid), Lifecycle::kUser);
  EXPECT_EQ(Consequence(Lifecycle::kUser, LifecycleCause::kDormancyWindow), Lifecycle::kDormant);
  EXPECT_EQ(Consequence(Lifecycle::kUser, LifecycleCause::kLastContractEnded), Lifecycle::kChurned);
}

TEST(Lifecycle, AUserWhoSignsAgainStaysAUser) {
  EXPECT_EQ(Consequence(Lifecycle::kUser, LifecycleCause::kContractActivated), std::nullopt);
}

TEST(Lifecycle, ADormantCustomerIsWonBackByWhateverHappens) {
  EXPECT_EQ(Consequence(Lifecycle::kDormant, LifecycleCause::kQualified), Lifecycle::kOpportunity);
  EXPECT_EQ(Consequence(Lifecycle::kChurned, LifecycleCause::kContractActivated), Lifecycle::kOrdering);
  EXPECT_TRUE(WinsBack(Lifecycle::kDormant, Lifecycle::kOpportunity));
  EXPECT_TRUE(WinsBack(Lifecycle::kChurned, Lifecycle::kOrdering));
}

TEST(Lifecycle, GoingFromDormantToChurnedWinsNobodyBack) {
  EXPECT_FALSE(WinsBack(Lifecycle::kDormant, Lifecycle::kChurned));
}

TEST(Lifecycle, NoFactTakesACustomerBackExceptToLoseIt) {
  for (Lifecycle from : kStages)
    for (int cause = 0; cause <= static_cast<int>(LifecycleCause::kManagerOverride); ++cause) {
      const auto to = Consequence(from, static_cast<LifecycleCause>(cause));
      EXPECT_TRUE(!to || Gone(*to) || Gone(from) || from < *to) << Word(from) << " → " << Word(*to);
    }
}

TEST(Lifecycle, TheSameFactTwiceMovesOnce) {
  for (Lifecycle from : kStages)
    for (int cause = 0; cause <= static_cast<int>(LifecycleCause::kManagerOverride); ++cause) {
      const auto to = Consequence(from, static_cast<LifecycleCause>(cause));
      EXPECT_TRUE(!to || !Consequence(*to, static_cast<LifecycleCause>(cause)))
          << Word(from) << " → " << Word(*to);
    }
}

TEST(Lifecycle, AnOverrideGoesAnywhereButToWhereItStands) {
  for (Lifecycle from : kStages)
    for (Lifecycle to : kStages) {
      Customer customer;
      customer.lifecycle = from;
      const absl::Status may = MayOverride(customer, to);
      EXPECT_EQ(may.ok(), from != to);
      EXPECT_EQ(errors::Reason(may), from == to ? "ILLEGAL_STATE_MOVE" : "");
    }
}

TEST(Words, AreReadAsTheyAreWritten) {
  for (Lifecycle stage : kStages) EXPECT_EQ(FromWord<Lifecycle>(Word(stage)), stage);
  for (int cause = 0; cause <= static_cast<int>(LifecycleCause::kManagerOverride); ++cause)
    EXPECT_EQ(FromWord<LifecycleCause>(Word(static_cast<LifecycleCause>(cause))),
              static_cast<LifecycleCause>(cause));
  EXPECT_EQ(FromWord<Lifecycle>("LOST"), std::nullopt);
}

}  // namespace
}  // namespace crm::customer
