#include "services/opportunity/domain/opportunity.h"

#include <gmock/gmock.h>

#include <random>

#include "common/status/errors.h"
#include "services/opportunity/domain/names.h"

namespace crm::opportunity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

SalesProcess Standard() {
  const CreateSalesProcess made = StandardProcess();
  SalesProcess process;
  process.id = Uuid(1, 1);
  process.key = made.key;
  process.number = 3;
  process.stages = made.stages;
  return process;
}

Opportunity Opened() {
  CreateOpportunity command;
  command.id = Uuid(2, 2);
  command.customer_id = Uuid(3, 3);
  command.details.name = "Pumps";
  return Create(command, Standard(), kNow).opportunity;
}

Opportunity Ready() {
  Opportunity o = Opened();
  o.details.need = "a pump";
  o.details.amount = Money{"CNY", 100};
  o.details.expected_close = absl::CivilDay(2026, 3, 1);
  o.details.contact_roles = {{Uuid(4, 4), "DECISION_MAKER"}};
  return o;
}

TEST(OpportunityTest, OpensInTheFirstStageOfItsProcess) {
  const Opportunity o = Opened();
  EXPECT_EQ(o.stage, "need");
  EXPECT_EQ(o.status, Status::kOpen);
  EXPECT_EQ(o.open_time, kNow);
  EXPECT_FALSE(o.history());
  EXPECT_EQ(StandingOf(o, Standard()).process_number, 3);
}

TEST(OpportunityTest, AMoveNamesEveryMissingGateOfTheStagesItPassesOver) {
  const auto moved =
      Move(Opened(), Standard(), {}, {.id = {}, .expected_version = {}, .stage = "negotiation"}, kNow);
  EXPECT_EQ(errors::Reason(moved.status()), "MISSING_GATES");
  EXPECT_THAT(MissingGates(Opened(), Standard(), 0, 2, {}),
              ElementsAre("need: required field need", "proposal: required field amount",
                          "proposal: required field expected_close"));
  EXPECT_THAT(MissingGates(Ready(), Standard(), 0, 3, {}), IsEmpty());
}

TEST(OpportunityTest, AMoveTellsWhereItCameFrom) {
  const auto moved = Move(Ready(), Standard(), {}, {.id = {}, .expected_version = {}, .stage = "proposal"},
                          kNow + absl::Hours(5));
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->opportunity.stage, "proposal");
  EXPECT_EQ(moved->from.stage.key, "need");
  EXPECT_EQ(moved->from_entered_time, kNow);
  EXPECT_EQ(moved->at.order, 1);
}

TEST(OpportunityTest, GoesBackWithoutGates) {
  Opportunity o = Opened();
  o.stage = "negotiation";
  EXPECT_TRUE(Move(o, Standard(), {}, {.id = {}, .expected_version = {}, .stage = "need"}, kNow).ok());
}

TEST(OpportunityTest, KnowsItsStages) {
  const auto to = [](const char* stage) {
    return errors::Reason(
        Move(Ready(), Standard(), {}, {.id = {}, .expected_version = {}, .stage = stage}, kNow).status());
  };
  EXPECT_EQ(to("heaven"), "UNKNOWN_STAGE");
  EXPECT_EQ(to("need"), "ALREADY_THERE");
}

TEST(OpportunityTest, ActivitiesCountAsGates) {
  SalesProcess process = Standard();
  process.stages[0].gates = {{Gate::Kind::kCompletedActivity, "DEMO"}};
  const MoveStage move{.id = {}, .expected_version = {}, .stage = "proposal"};
  EXPECT_FALSE(Move(Opened(), process, {Activity::Kind::kVisit}, move, kNow).ok());
  EXPECT_TRUE(Move(Opened(), process, {Activity::Kind::kDemo}, move, kNow).ok());
}

TEST(OpportunityTest, IsWonForAReasonAndThroughEveryGate) {
  const auto win = [](const Opportunity& o, std::string reason) {
    return Win(o, Standard(), {},
               {.id = {}, .expected_version = {}, .reason = reason, .note = "", .amount = {}}, kNow);
  };
  EXPECT_EQ(errors::Reason(win(Ready(), "").status()), "REASON_REQUIRED");
  EXPECT_EQ(errors::Reason(win(Opened(), "price").status()), "MISSING_GATES");
  const auto won = win(Ready(), "price");
  ASSERT_TRUE(won.ok());
  EXPECT_EQ(won->opportunity.status, Status::kWon);
  EXPECT_EQ(won->opportunity.close_time, kNow);
  EXPECT_EQ(errors::Reason(win(won->opportunity, "price").status()), "ILLEGAL_STATE_MOVE");
}

TEST(OpportunityTest, WhatWasWonReplacesWhatWasExpected) {
  Opportunity o = Ready();
  o.details.amount.reset();
  const auto won =
      Win(o, Standard(), {},
          {.id = {}, .expected_version = {}, .reason = "quote", .note = "", .amount = Money{"CNY", 7}}, kNow);
  ASSERT_TRUE(won.ok()) << won.status();
  EXPECT_EQ(won->opportunity.details.amount, (Money{"CNY", 7}));
}

TEST(OpportunityTest, AnUpdateNamesWhatReallyChanged) {
  UpdateOpportunity command;
  command.details = Ready().details;
  command.details.name = "Valves";
  command.fields = {"name", "need"};
  const auto updated = Update(Ready(), Standard(), command, kNow);
  ASSERT_TRUE(updated.ok());
  EXPECT_THAT(updated->fields, ElementsAre("name"));
  EXPECT_THAT(Update(updated->opportunity, Standard(), command, kNow)->fields, IsEmpty());
}

// Whatever is asked in whatever order: what is closed stays as it is, and a stage is entered only when no
// gate on the way is missing.
TEST(OpportunityTest, HoldsItsInvariantsUnderAnySequence) {
  const SalesProcess process = Standard();
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    Opportunity o = round % 2 ? Ready() : Opened();
    for (int step = 0; step < 12; ++step) {
      const Opportunity before = o;
      const int from = process.IndexOf(o.stage);
      switch (random() % 3) {
        case 0:
          if (auto moved = Move(o, process, {},
                                {.id = {}, .expected_version = {}, .stage = process.stages[random() % 3].key},
                                kNow + absl::Hours(step));
              moved.ok()) {
            o = moved->opportunity;
            EXPECT_THAT(MissingGates(o, process, from, process.IndexOf(o.stage), {}), IsEmpty());
          }
          break;
        case 1:
          if (auto won =
                  Win(o, process, {},
                      {.id = {}, .expected_version = {}, .reason = "r", .note = "", .amount = {}}, kNow);
              won.ok()) {
            o = won->opportunity;
            EXPECT_THAT(MissingGates(o, process, from, 3, {}), IsEmpty());
          }
          break;
        default:
          if (random() % 4 == 0)
            if (auto lost = Lose(
                    o, process,
                    {.id = {}, .expected_version = {}, .reason = "r", .note = "", .competitor = ""}, kNow);
                lost.ok())
              o = lost->opportunity;
      }
      if (before.status != Status::kOpen) {
        EXPECT_EQ(o.status, before.status);
        EXPECT_EQ(o.stage, before.stage);
      }
      EXPECT_EQ(o.status == Status::kOpen, !o.close_time.has_value());
    }
  }
}

TEST(SalesProcessTest, TheStandardProcessKeepsItsOwnRules) {
  errors::Violations violations;
  Check(StandardProcess(), "sales_process", violations);
  EXPECT_TRUE(violations.empty()) << violations.ToStatus();
}

TEST(SalesProcessTest, ListsEveryBrokenRule) {
  CreateSalesProcess command{.key = "k", .name = "n", .stages = {}};
  command.stages.resize(2);
  command.stages[0].key = command.stages[1].key = "a";
  command.stages[0].probability_percent = 101;
  command.stages[1].name = "b";
  command.stages[1].expected_days = 5;
  command.stages[1].maximum_days = 4;
  command.stages[1].gates = {{Gate::Kind::kRequiredField, "colour"}, {Gate::Kind::kContactRole, "KING"}};
  errors::Violations violations;
  Check(command, "p", violations);
  std::vector<std::string> found;
  for (const auto& v : errors::ViolationsOf(violations.ToStatus())) found.push_back(v.field + " " + v.reason);
  EXPECT_THAT(found,
              ElementsAre("p.stages[0].display_name REQUIRED", "p.stages[0].probability_percent OUT_OF_RANGE",
                          "p.stages[1].key DUPLICATE", "p.stages[1].expected_days OUT_OF_RANGE",
                          "p.stages[1].gates[0].required_field UNKNOWN_FIELD",
                          "p.stages[1].gates[1].contact_role UNKNOWN_CONTACT_ROLE"));
}

TEST(ActivityTest, DerivesItsInstantFromTheClockOfItsPlace) {
  EXPECT_EQ(InstantOf("2026-03-02T09:30:00", "Asia/Shanghai"), InstantOf("2026-03-02T01:30:00", "UTC"));
  EXPECT_FALSE(InstantOf("tomorrow", "UTC"));
  EXPECT_FALSE(InstantOf("2026-03-02T09:30:00", "Mars/Olympus"));
  EXPECT_TRUE(InstantOf("0001-01-01T00:00:00", "UTC"));
  EXPECT_FALSE(InstantOf("0001-01-01T00:00:00", "Asia/Shanghai")) << "in UTC it is still the year 0";
  EXPECT_FALSE(InstantOf("10000-01-01T00:00:00", "UTC"));
}

TEST(ActivityTest, IsCompletedOnceWithAnOutcome) {
  CompleteActivity command;
  EXPECT_EQ(errors::Reason(Complete(Activity(), command, kNow).status()), "OUTCOME_REQUIRED");
  command.outcome = "met";
  const auto completed = Complete(Activity(), command, kNow);
  ASSERT_TRUE(completed.ok());
  EXPECT_EQ(errors::Reason(Complete(completed->activity, command, kNow).status()), "ILLEGAL_STATE_MOVE");
}

}  // namespace
}  // namespace crm::opportunity
