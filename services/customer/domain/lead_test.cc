#include "services/customer/domain/lead.h"

#include <gmock/gmock.h>

#include <random>

#include "common/status/errors.h"

namespace crm::customer {
namespace {

using ::testing::ElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

Lead NewLead() {
  Lead lead;
  lead.id = Uuid::New();
  lead.details.company = "上海贸易有限公司";
  return lead;
}

AssignmentGrant GrantTo(const Uuid& owner) {
  AssignmentGrant grant;
  grant.assignment_id = Uuid::New();
  grant.owner_id = owner;
  grant.org_unit_id = Uuid::New();
  grant.follow_up_start = kNow;
  grant.follow_up_due = kNow + absl::Hours(8);
  grant.follow_up_grace_end = kNow + absl::Hours(12);
  return grant;
}

Lead AssignedLead() {
  Lead lead = NewLead();
  Apply(lead, *AssignTo(lead, GrantTo(Uuid::New())));
  return lead;
}

TEST(Lead, IsCalledByTheFirstThingKnown) {
  LeadDetails details;
  EXPECT_EQ(DisplayName(details), "");
  details.external_id = "x-1";
  details.email = "a@b.cn";
  EXPECT_EQ(DisplayName(details), "a@b.cn");
  details.company = "贸易";
  EXPECT_EQ(DisplayName(details), "贸易");
}

TEST(Lead, UpdateTakesWhatIsGivenAndLeavesTheRest) {
  Lead lead = NewLead();
  lead.details.attributes = {{"budget", "10"}, {"colour", "red"}};
  LeadDetails given;
  given.phone = "+8613800138000";
  given.attributes = {{"budget", "20"}, {"colour", ""}};
  const auto updated = Update(lead, given);
  ASSERT_TRUE(updated);
  EXPECT_THAT(updated->changed_fields, ElementsAre("phone", "attributes"));
  Apply(lead, *updated);
  EXPECT_EQ(lead.details.company, "上海贸易有限公司");
  EXPECT_EQ(lead.details.attributes.at("budget"), "20");
  EXPECT_EQ(lead.details.attributes.at("colour"), "red");
  EXPECT_FALSE(Update(lead, given));
}

TEST(Lead, CorrectionNeverLeavesALeadWithoutAName) {
  const Lead lead = NewLead();
  EXPECT_EQ(errors::Reason(Correct(lead, {{}, {"company"}}).status()), "LEAD_NAMELESS");
  LeadDetails contact;
  contact.contact = "李雷";
  const auto corrected = Correct(lead, {contact, {"company", "contact_name"}});
  ASSERT_TRUE(corrected.ok());
  EXPECT_THAT((*corrected)->changed_fields, ElementsAre("company", "contact_name"));
}

LeadWaiting WaitingFor(const std::string& reason, DecisionGrounds grounds, absl::Time since = kNow) {
  return {Uuid::New(), grounds, reason, since, {}};
}

TEST(Lead, WaitsOnceForTheSameReasonOnTheSameGrounds) {
  Lead lead = NewLead();
  const DecisionGrounds grounds{AssignmentPhase::kUnjudged, Uuid::New(), 3};
  Apply(lead, *Wait(lead, WaitingFor("ALL_ABSENT", grounds), std::nullopt));
  EXPECT_EQ(lead.waiting_since, kNow);
  const absl::Time later = kNow + absl::Minutes(1);
  EXPECT_FALSE(Wait(lead, WaitingFor("ALL_ABSENT", grounds, later), grounds));
  const auto other = Wait(lead, WaitingFor("ALL_AT_CAPACITY", grounds, later), grounds);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->since, kNow) << "it has waited since the first time";
  Apply(lead, *AssignTo(lead, GrantTo(Uuid::New())));
  EXPECT_FALSE(lead.waiting_since);
  EXPECT_EQ(lead.waiting_reason, "");
}

TEST(Lead, WaitsAnewWhenTheDecisionStandsOnOtherGrounds) {
  Lead lead = NewLead();
  const DecisionGrounds kept{AssignmentPhase::kUnjudged, Uuid::New(), 3};
  Apply(lead, *Wait(lead, WaitingFor("ALL_ABSENT", kept), std::nullopt));
  DecisionGrounds judged = kept, edited = kept, another = kept;
  judged.phase = AssignmentPhase::kSales;
  edited.rule_version = 4;
  another.rule_id = Uuid::New();
  for (const DecisionGrounds& grounds : {judged, edited, another})
    EXPECT_TRUE(Wait(lead, WaitingFor("ALL_ABSENT", grounds), kept));
}

TEST(Lead, ALeadThatNoRuleAsksForStaysWithItsOwnerAndHisDeadline) {
  Lead lead = AssignedLead();
  EXPECT_FALSE(KeepOwner(lead)) << "it does not wait";
  Apply(lead, *Wait(lead, WaitingFor("ALL_ABSENT", {}), std::nullopt));
  const Lead before = lead;
  Apply(lead, *KeepOwner(lead));
  EXPECT_FALSE(lead.waiting_since);
  EXPECT_EQ(lead.owner_id, before.owner_id);
  EXPECT_EQ(lead.assignment_id, before.assignment_id);
  EXPECT_EQ(lead.follow_up, FollowUp::kPending);
  EXPECT_EQ(lead.follow_up_due, before.follow_up_due);
}

// By the owner, so long after the assignment; it is due after 8 hours and taken back after 12.
FollowUpPlan PlanAfter(const Lead& lead, int hours) {
  return {Uuid::New(), lead.owner_id, kNow + absl::Hours(hours)};
}

TEST(Lead, APlanInTimeStartsWorkAndStopsTheDeadline) {
  Lead lead = AssignedLead();
  EXPECT_FALSE(MissBefore(lead, PlanAfter(lead, 8), Uuid()));
  const auto started = StartWork(lead, PlanAfter(lead, 8));
  ASSERT_TRUE(started);
  Apply(lead, *started);
  EXPECT_EQ(lead.state, LeadState::kWorking);
  EXPECT_EQ(lead.follow_up, FollowUp::kPlanned);
  EXPECT_FALSE(MissFollowUp(lead, lead.assignment_id, Uuid()));
  EXPECT_FALSE(StartWork(lead, PlanAfter(lead, 2)));
}

TEST(Lead, AMissIsWithdrawnOnlyByAPlanMadeInTime) {
  Lead lead = AssignedLead();
  Apply(lead, *MissFollowUp(lead, lead.assignment_id, Uuid()));
  EXPECT_EQ(lead.follow_up, FollowUp::kMissed);
  EXPECT_FALSE(WithdrawMiss(lead, PlanAfter(lead, 9)));
  const auto withdrawn = WithdrawMiss(lead, PlanAfter(lead, 7));
  ASSERT_TRUE(withdrawn);
  Apply(lead, *withdrawn);
  EXPECT_FALSE(Reclaim(lead, lead.assignment_id, kNow));
}

TEST(Lead, OnlyAPlanOfTheOwnerWithinHisAssignmentCounts) {
  Lead lead = AssignedLead();
  FollowUpPlan of_another = PlanAfter(lead, 1);
  of_another.owner_id = Uuid::New();
  for (const FollowUpPlan& plan : {of_another, PlanAfter(lead, -1), PlanAfter(lead, 13)}) {
    EXPECT_FALSE(MissBefore(lead, plan, Uuid()));
    EXPECT_FALSE(StartWork(lead, plan));
  }
  Apply(lead, *MissFollowUp(lead, lead.assignment_id, Uuid()));
  for (const FollowUpPlan& plan : {of_another, PlanAfter(lead, -1), PlanAfter(lead, 13)}) {
    EXPECT_FALSE(WithdrawMiss(lead, plan));
    EXPECT_FALSE(StartWork(lead, plan));
  }
}

TEST(Lead, APlanBehindTheDeadlineCountsTheMissBeforeIt) {
  Lead lead = AssignedLead();
  const FollowUpPlan late = PlanAfter(lead, 9);
  EXPECT_FALSE(StartWork(lead, late)) << "not in time";
  const Uuid manager = Uuid::New();
  const auto missed = MissBefore(lead, late, manager);
  ASSERT_TRUE(missed);
  EXPECT_EQ(missed->manager_id, manager);
  Apply(lead, *missed);
  Apply(lead, *StartWork(lead, late));
  EXPECT_EQ(lead.state, LeadState::kWorking);
  EXPECT_EQ(lead.follow_up, FollowUp::kMissed);
}

TEST(Lead, IsTakenBackAfterTheGraceAndItsOwnerCoolsDown) {
  Lead lead = AssignedLead();
  const Uuid owner = lead.owner_id, assignment = lead.assignment_id;
  EXPECT_FALSE(Reclaim(lead, assignment, kNow)) << "not before the miss";
  Apply(lead, *MissFollowUp(lead, assignment, Uuid()));
  EXPECT_FALSE(Reclaim(lead, Uuid::New(), kNow)) << "another assignment";
  Apply(lead, *Reclaim(lead, assignment, kNow + absl::Hours(24)));
  EXPECT_EQ(lead.state, LeadState::kNew);
  EXPECT_TRUE(lead.owner_id.nil());
  EXPECT_EQ(lead.passed_owner_id, owner);
}

TEST(Lead, ALatePlanKeepsItWithItsOwnerInWhateverState) {
  for (const LeadState state : {LeadState::kAssigned, LeadState::kWorking, LeadState::kNurturing}) {
    Lead lead = AssignedLead();
    lead.state = state;
    Apply(lead, *MissFollowUp(lead, lead.assignment_id, Uuid()));
    Apply(lead, *StartWork(lead, PlanAfter(lead, 10)));
    EXPECT_EQ(lead.follow_up, FollowUp::kMissed);
    EXPECT_FALSE(Reclaim(lead, lead.assignment_id, kNow));
    EXPECT_FALSE(StartWork(lead, PlanAfter(lead, 11))) << "one plan is enough";
  }
}

TEST(Lead, IsJudgedOnceOrFromPotentialToOpportunity) {
  Lead lead = AssignedLead();
  Apply(lead, *Qualify(lead, {LeadVerdict::kPotential, "C", ""}));
  Apply(lead, LeadNurtured());
  EXPECT_EQ(lead.state, LeadState::kNurturing);
  EXPECT_EQ(errors::Reason(Qualify(lead, {LeadVerdict::kPotential, "", ""}).status()),
            "LEAD_ALREADY_QUALIFIED");
  Apply(lead, *Qualify(lead, {LeadVerdict::kOpportunity, "A", ""}));
  EXPECT_EQ(lead.state, LeadState::kWorking);
  EXPECT_EQ(lead.grade, "A");
  EXPECT_EQ(errors::Reason(Qualify(lead, {LeadVerdict::kPotential, "", ""}).status()),
            "LEAD_ALREADY_QUALIFIED");
}

TEST(Lead, ConvertsOnlyWhenJudgedOpportunity) {
  Lead lead = AssignedLead();
  EXPECT_EQ(errors::Reason(Convert(lead, {}).status()), "LEAD_NOT_QUALIFIED");
  Apply(lead, *Qualify(lead, {LeadVerdict::kOpportunity, "", ""}));
  Conversion conversion;
  conversion.customer_id = Uuid::New();
  conversion.opportunity_id = Uuid::New();
  Apply(lead, *Convert(lead, conversion));
  EXPECT_EQ(lead.state, LeadState::kConverted);
  EXPECT_EQ(lead.opportunity_id, conversion.opportunity_id);
  EXPECT_EQ(errors::Reason(Disqualify(lead, {"NO_BUDGET", ""}).status()), "LEAD_NOT_OPEN");
}

// Whatever happens in whatever order: what is closed stays closed, only an open lead holds a place, and a
// lead that somebody has works towards an end.
TEST(Lead, KeepsItsInvariantsUnderAnySequence) {
  std::mt19937 random(20260101);
  for (int round = 0; round < 500; ++round) {
    Lead lead = NewLead();
    for (int step = 0; step < 25; ++step) {
      const Lead before = lead;
      const absl::Time at = kNow + absl::Hours(static_cast<int>(random() % 20));
      const FollowUpPlan plan{Uuid::New(), lead.owner_id, at};
      switch (random() % 9) {
        case 0:
          if (auto e = AssignTo(lead, GrantTo(Uuid::New())); e.ok()) Apply(lead, *e);
          break;
        case 1:
          if (auto e = Wait(lead, WaitingFor("NO_RULE", {}, at), std::nullopt)) Apply(lead, *e);
          break;
        case 2:
          if (auto e = MissBefore(lead, plan, Uuid())) Apply(lead, *e);
          if (auto e = StartWork(lead, plan)) Apply(lead, *e);
          break;
        case 3:
          if (auto e = WithdrawMiss(lead, plan)) Apply(lead, *e);
          break;
        case 4:
          if (auto e = MissFollowUp(lead, lead.assignment_id, Uuid())) Apply(lead, *e);
          break;
        case 5:
          if (auto e = Reclaim(lead, lead.assignment_id, at)) Apply(lead, *e);
          break;
        case 6:
          if (auto e =
                  Qualify(lead, {random() % 2 ? LeadVerdict::kOpportunity : LeadVerdict::kPotential, "", ""});
              e.ok()) {
            Apply(lead, *e);
            if (e->outcome == LeadVerdict::kPotential) Apply(lead, LeadNurtured());
          }
          break;
        case 7:
          if (auto e = Convert(lead, {}); e.ok() && random() % 4 == 0) Apply(lead, *e);
          break;
        case 8:
          if (auto e = Disqualify(lead, {"X", ""}); e.ok() && random() % 4 == 0) Apply(lead, *e);
          break;
      }
      if (!IsOpen(before)) {
        EXPECT_EQ(lead.state, before.state);
      }
      EXPECT_EQ(HoldsCapacity(lead), IsOpen(lead) && !lead.owner_id.nil());
      if (lead.state == LeadState::kAssigned || lead.state == LeadState::kWorking) {
        EXPECT_FALSE(lead.owner_id.nil());
      }
      if (lead.follow_up == FollowUp::kPending) {
        EXPECT_TRUE(lead.follow_up_due);
      }
      if (!IsOpen(lead)) {
        EXPECT_FALSE(lead.waiting_since);
      }
    }
  }
}

}  // namespace
}  // namespace crm::customer
