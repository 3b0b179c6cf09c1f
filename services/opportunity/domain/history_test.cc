#include "services/opportunity/domain/history.h"

#include <gmock/gmock.h>

#include "common/status/errors.h"

namespace crm::opportunity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::Time Day(int day) { return absl::FromCivil(absl::CivilDay(2025, 1, day), absl::UTCTimeZone()); }

// An open opportunity that one import has brought in, and a row of the next.
class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() {
    process_.stages = {{.key = "need", .name = "Need"}, {.key = "proposal", .name = "Proposal"}};
    known_.id = Uuid(1, 1);
    known_.import_id = Uuid(2, 2);
    known_.customer_id = Uuid(3, 3);
    known_.details.name = "Line 4";
    known_.details.amount = Money{"CNY", 100};
    known_.details.expected_close = absl::CivilDay(2025, 3, 1);
    known_.stage = "need";
    known_.open_time = known_.stage_entered_time = Day(1);
    known_.create_time = Day(10);
    row_.opportunity = known_;
  }
  Opportunity& told() { return *row_.opportunity; }
  void Close(Status status, int day) {
    told().status = status;
    told().close_time = Day(day);
    told().close_reason = "imported";
  }

  std::vector<Happening> GoneOn() {
    auto happened = GoOn(known_, row_, process_, kNext, kNow);
    EXPECT_TRUE(happened.ok()) << happened.status();
    return happened.ok() ? *happened : std::vector<Happening>();
  }
  std::string Refusal() {
    const auto violations = errors::ViolationsOf(GoOn(known_, row_, process_, kNext, kNow).status());
    return violations.empty() ? "" : violations[0].field + " " + violations[0].reason;
  }

  static constexpr Uuid kNext{7, 7};
  const absl::Time kNow = Day(20);
  SalesProcess process_;
  Opportunity known_;
  Interpretation row_;
};

TEST_F(HistoryTest, ItBeganOpenAndWasClosedWhenItReallyWas) {
  Close(Status::kLost, 5);
  const auto happened = Begin(told(), process_);
  ASSERT_EQ(happened.size(), 2u);
  const auto& created = std::get<OpportunityCreated>(happened[0].event);
  EXPECT_EQ(created.opportunity.status, Status::kOpen);
  EXPECT_FALSE(created.opportunity.close_time);
  EXPECT_EQ(happened[0].time, Day(1));
  const auto& lost = std::get<OpportunityLost>(happened[1].event);
  EXPECT_EQ(lost.opportunity.close_reason, "imported");
  EXPECT_EQ(lost.at.order, 0);
  EXPECT_EQ(happened[1].time, Day(5));
}

TEST_F(HistoryTest, ARowThatSaysNothingNewChangesNothing) {
  EXPECT_THAT(GoneOn(), IsEmpty());
  told().details = {};
  told().customer_id.reset();
  told().open_time = kNow;
  EXPECT_THAT(GoneOn(), IsEmpty()) << "what a row leaves empty, or makes up, is not news";
}

TEST_F(HistoryTest, AWinIsTakenOverWithAllThatTheRowSays) {
  Close(Status::kWon, 15);
  told().details.amount = Money{"CNY", 90};
  const auto happened = GoneOn();
  ASSERT_EQ(happened.size(), 1u);
  EXPECT_EQ(happened[0].time, Day(15));
  const Opportunity& o = std::get<OpportunityWon>(happened[0].event).opportunity;
  EXPECT_EQ(o.status, Status::kWon);
  EXPECT_EQ(o.stage, "need");
  EXPECT_EQ(o.close_time, Day(15));
  EXPECT_EQ(o.details.amount, (Money{"CNY", 90}));
  EXPECT_EQ(o.import_id, kNext);
}

TEST_F(HistoryTest, WhatWasOpenedAtTenMayBeClosedThatDay) {
  known_.open_time = known_.stage_entered_time = told().open_time = Day(1) + absl::Hours(10);
  Close(Status::kWon, 1);
  EXPECT_EQ(Refusal(), "close_date CLOSE_BEFORE_OPEN") << "at midnight, as it was told";
  row_.close_day_ends = Day(2);
  const auto happened = GoneOn();
  ASSERT_EQ(happened.size(), 1u);
  const Opportunity won = std::get<OpportunityWon>(happened[0].event).opportunity;
  EXPECT_EQ(won.close_time, known_.open_time);
  known_ = won;
  EXPECT_THAT(GoneOn(), IsEmpty()) << "the same once more is no news";
}

TEST_F(HistoryTest, ALossIsTakenOver) {
  Close(Status::kLost, 15);
  const auto happened = GoneOn();
  ASSERT_EQ(happened.size(), 1u);
  EXPECT_EQ(std::get<OpportunityLost>(happened[0].event).opportunity.status, Status::kLost);
}

TEST_F(HistoryTest, AmountDatesAndStageAreBroughtUpToDateEachByItsEvent) {
  told().details.amount = Money{"CNY", 250};
  told().details.expected_close = absl::CivilDay(2025, 6, 1);
  told().stage = "proposal";
  const auto happened = GoneOn();
  ASSERT_EQ(happened.size(), 3u);
  EXPECT_EQ(std::get<OpportunityAmountChanged>(happened[0].event).from, (Money{"CNY", 100}));
  EXPECT_THAT(std::get<OpportunityUpdated>(happened[1].event).fields, ElementsAre("expected_close"));
  const auto& moved = std::get<OpportunityStageMoved>(happened[2].event);
  EXPECT_EQ(moved.from.stage.key, "need");
  EXPECT_EQ(moved.from_entered_time, Day(1));
  EXPECT_EQ(moved.opportunity.stage, "proposal");
  EXPECT_EQ(moved.opportunity.stage_entered_time, kNow);
  EXPECT_EQ(moved.opportunity.details.amount, (Money{"CNY", 250}));
}

TEST_F(HistoryTest, ACustomerIsTakenOverWhereThereWasNone) {
  told().customer_id = Uuid(9, 9);
  EXPECT_THAT(GoneOn(), IsEmpty()) << "the one it has stays";
  known_.customer_id.reset();
  const auto happened = GoneOn();
  ASSERT_EQ(happened.size(), 1u);
  EXPECT_THAT(std::get<OpportunityUpdated>(happened[0].event).fields, ElementsAre("customer_id"));
}

TEST_F(HistoryTest, ALeadIsTakenOverWhereThereWasNone) {
  told().lead_id = Uuid(9, 9);
  told().source = "paid_search";
  const auto happened = GoneOn();
  ASSERT_EQ(happened.size(), 1u);
  const auto& updated = std::get<OpportunityUpdated>(happened[0].event);
  EXPECT_THAT(updated.fields, ElementsAre("lead_id", "source"));
  EXPECT_EQ(updated.opportunity.lead_id, Uuid(9, 9));
  EXPECT_EQ(updated.opportunity.source, "paid_search");
  known_.source = "fair";
  EXPECT_THAT(std::get<OpportunityUpdated>(GoneOn().at(0).event).fields, ElementsAre("lead_id"))
      << "a lead's source replaces none";
  known_.lead_id = Uuid(8, 8);
  EXPECT_THAT(GoneOn(), IsEmpty()) << "the one it has stays, and nothing of the other is taken";
  row_.says_source = true;
  EXPECT_THAT(std::get<OpportunityUpdated>(GoneOn().at(0).event).fields, ElementsAre("source"));
}

TEST_F(HistoryTest, WhatIsOtherwiseAndStaysIsReported) {
  const auto reasons = [&] {
    std::vector<std::string> reasons;
    for (const auto& stays : WhatStays(known_, row_)) reasons.push_back(stays.field + " " + stays.reason);
    return reasons;
  };
  told().owner_id = Uuid(8, 8);
  EXPECT_THAT(reasons(), IsEmpty()) << "a row without an owner says nothing";
  row_.says_owner = true;
  told().customer_id = Uuid(9, 9);
  EXPECT_THAT(reasons(), ElementsAre("owner OWNER_STAYS", "customer CUSTOMER_STAYS"));
  told().lead_id = known_.lead_id = Uuid(5, 5);
  EXPECT_THAT(reasons(), ElementsAre("owner OWNER_STAYS", "customer CUSTOMER_STAYS"));
  told().lead_id = Uuid(6, 6);
  EXPECT_THAT(reasons(), ElementsAre("owner OWNER_STAYS", "customer CUSTOMER_STAYS", "lead LEAD_STAYS"));
  EXPECT_THAT(GoneOn(), IsEmpty());
}

TEST_F(HistoryTest, WhatIsClosedStays) {
  known_.status = Status::kWon;
  known_.close_time = Day(15);
  EXPECT_EQ(Refusal(), "external_id ALREADY_CLOSED");
  Close(Status::kLost, 15);
  EXPECT_EQ(Refusal(), "external_id ALREADY_CLOSED");
  Close(Status::kWon, 15);
  EXPECT_THAT(GoneOn(), IsEmpty());
  told().details.amount = Money{"CNY", 90};
  EXPECT_EQ(Refusal(), "external_id ALREADY_CLOSED");
}

TEST_F(HistoryTest, WhatWasNotImportedStays) {
  known_.import_id.reset();
  EXPECT_THAT(GoneOn(), IsEmpty());
  Close(Status::kWon, 15);
  EXPECT_EQ(Refusal(), "external_id NOT_IMPORTED");
}

TEST_F(HistoryTest, AStageOfAnotherProcessIsRefused) {
  told().stage = "engaging";
  EXPECT_EQ(Refusal(), "stage UNKNOWN_STAGE");
}

TEST_F(HistoryTest, NothingClosesBeforeItOpened) {
  known_.open_time = known_.stage_entered_time = Day(5);
  Close(Status::kWon, 3);
  EXPECT_EQ(Refusal(), "close_date CLOSE_BEFORE_OPEN");

  known_.open_time = known_.stage_entered_time = known_.create_time;  // nobody had said when
  const auto happened = GoneOn();
  ASSERT_EQ(happened.size(), 1u);
  const Opportunity& o = std::get<OpportunityWon>(happened[0].event).opportunity;
  EXPECT_EQ(o.open_time, Day(3));
  EXPECT_EQ(o.stage_entered_time, Day(3));
}

}  // namespace
}  // namespace crm::opportunity
