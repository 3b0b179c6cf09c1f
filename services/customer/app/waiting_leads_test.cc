#include "services/customer/app/assign_lead.h"
#include "services/customer/app/lead_fixture.h"
#include "services/customer/app/qualify_lead.h"
#include "services/customer/app/read_leads.h"

namespace crm::customer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

constexpr char kRetryKey[] = "retry_waiting_leads";

class WaitingLeadsTest : public LeadFixture {
 protected:
  WaitingLeadsTest() {
    codecs_.BindEvent<LeadFact<LeadWaiting>>([this](const LeadFact<LeadWaiting>& fact) {
      alerted_ = fact.happened.alert_employee_ids;
      return outbox::EncodedEvent{"LeadWaiting", ""};
    });
  }

  Uuid RuleFor(const Uuid& employee_id, AssignmentPhase phase = AssignmentPhase::kUnjudged,
               absl::Duration follow_up = absl::ZeroDuration(), absl::Duration grace = absl::ZeroDuration()) {
    CreateAssignmentRule command;
    command.rule.org_unit_id = headquarters_;
    command.rule.name = "one person";
    command.rule.phase = phase;
    command.rule.strategy = Strategy::kPerson;
    command.rule.employee_id = employee_id;
    command.rule.follow_up_within = follow_up;
    command.rule.reclaim_grace = grace;
    return IdOf(CreateAssignmentRules(work_, {Ask(command)})[0]);
  }
  void Edit(const Uuid& rule_id, bool enabled) {
    UpdateAssignmentRule command;
    command.id = rule_id;
    command.rule.enabled = enabled;
    command.fields = {"enabled"};
    ASSERT_THAT(UpdateAssignmentRules(work_, {Ask(command)})[0], IsOk());
  }
  void Judge(const Uuid& lead) {
    ASSERT_THAT(QualifyLeads(work_, {Ask(QualifyLead{lead, {}, {LeadVerdict::kOpportunity, "A", ""}})})[0],
                IsOk());
    RunAssignments();
  }
  void SetCapacity(const Uuid& employee, int capacity) {
    EmployeeUpdate update;
    update.capacity = capacity;
    ASSERT_THAT(UpdateEmployees(work_, {Ask(UpdateEmployee{employee, {}, update})})[0], IsOk());
  }
  // The first is `owner`'s, whose only place it takes; the second waits, and nobody is about to try again.
  void OneHasAndOneWaits() {
    had_ = CaptureOne("A");
    RunAssignments();
    waits_ = CaptureOne("B");
    RunAssignments();
    RunRetries();
    Sql("DELETE FROM job WHERE kind = 'retry_waiting_leads'");
    ASSERT_EQ(OwnerOf(waits_), "NULL");
  }
  std::string OwnerOf(const Uuid& lead) {
    return One("SELECT owner_id FROM lead WHERE id = '" + lead.ToString() + "'");
  }
  std::string Count(const std::string& from) { return One("SELECT count(*) FROM " + from); }

  std::vector<Uuid> alerted_;
  Uuid had_, waits_;
};

TEST_F(WaitingLeadsTest, WithoutARuleWhoeverManagesTheUnitIsAlerted) {
  const Uuid boss = Hire("boss", 0);
  Hire("rep", 5, boss);
  CaptureOne("Acme");
  RunAssignments();
  EXPECT_EQ(One("SELECT waiting_reason FROM lead"), "NO_RULE");
  EXPECT_THAT(alerted_, ElementsAre(boss));
}

TEST_F(WaitingLeadsTest, AJudgedLeadWaitsByTheRulesForItsJudgementAndIsAlertedAgain) {
  const Uuid boss = Hire("boss", 0), rep = Hire("rep", 0, boss);
  RuleFor(rep);
  const Uuid sales = RuleFor(rep, AssignmentPhase::kSales), lead = CaptureOne("Acme");
  RunAssignments();
  const std::string since = One("SELECT waiting_since FROM lead");
  alerted_.clear();
  Judge(lead);
  EXPECT_EQ(One("SELECT waiting_reason FROM lead"), "ALL_AT_CAPACITY");
  EXPECT_EQ(One("SELECT waiting_since FROM lead"), since);
  EXPECT_THAT(alerted_, ElementsAre(boss));
  const auto stored = LatestDecision(pool_, Ask(GetLead{lead}));
  ASSERT_THAT(stored, IsOk());
  EXPECT_EQ(stored->decision.phase, AssignmentPhase::kSales);
  EXPECT_EQ(stored->decision.rule_id, sales);
}

TEST_F(WaitingLeadsTest, AnEditedRuleDecidesAnewAndOnce) {
  const Uuid rep = Hire("rep", 0, Hire("boss", 0)), rule = RuleFor(rep), lead = CaptureOne("Acme");
  RunAssignments();
  Edit(rule, true);
  RunRetries();
  RunRetries();
  EXPECT_EQ(Count("outbox WHERE type = 'LeadWaiting'"), "2");
  EXPECT_EQ(LatestDecision(pool_, Ask(GetLead{lead}))->decision.rule_version, 2);
}

TEST_F(WaitingLeadsTest, APlaceThatIsFreedByHandGoesToWhoWaits) {
  const Uuid rep = Hire("rep", 1), other = Hire("other", 1);
  RuleFor(rep);
  OneHasAndOneWaits();
  ASSERT_THAT(AssignLeadsTo(work_, {Ask(AssignLeadTo{had_, other, {}, ""})})[0], IsOk());
  RunRetries();
  EXPECT_EQ(OwnerOf(waits_), rep.ToString());
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

TEST_F(WaitingLeadsTest, APlaceThatIsFreedByTheRulesForSalesGoesToWhoWaits) {
  const Uuid rep = Hire("rep", 1), seller = Hire("seller", 1);
  RuleFor(rep);
  RuleFor(seller, AssignmentPhase::kSales);
  OneHasAndOneWaits();
  Judge(had_);
  EXPECT_EQ(OwnerOf(had_), seller.ToString());
  RunRetries();
  EXPECT_EQ(OwnerOf(waits_), rep.ToString());
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

TEST_F(WaitingLeadsTest, APlaceThatIsFreedByTakingALeadBackGoesToWhoWaits) {
  const Uuid rep = Hire("rep", 1);
  RuleFor(rep, AssignmentPhase::kUnjudged, absl::Hours(8), absl::Hours(4));
  OneHasAndOneWaits();
  for (int step = 0; step < 4; ++step) RunFollowUps();
  EXPECT_EQ(OwnerOf(had_), "NULL");
  RunRetries();
  EXPECT_EQ(OwnerOf(waits_), rep.ToString());
  RunAssignments();
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

TEST_F(WaitingLeadsTest, WhileNobodyWaitsNobodyIsTriedAgain) {
  Hire("rep", 5);
  Rule();
  RunRetries();
  const Uuid lead = CaptureOne("Acme");
  RunAssignments();
  ASSERT_THAT(DisqualifyLeads(work_, {Ask(DisqualifyLead{lead, {}, {"NO_BUDGET", ""}})})[0], IsOk());
  EXPECT_EQ(Count("job WHERE kind = 'retry_waiting_leads'"), "0");
}

// Two sets of leads for whom there is no rule, and behind them some for whom there is one.
TEST_F(WaitingLeadsTest, ARoundComesToItsEndHoweverOftenAPlaceIsFreed) {
  const Uuid rep = Hire("rep", 1000);
  const auto capture = [&](int count, const std::string& region) {
    std::vector<work::Request<CaptureLead>> requests;
    for (int i = 0; i < count; ++i) {
      requests.push_back(Ask(Draft(region + std::to_string(i))));
      requests.back().command.draft.details.region = region;
    }
    for (const auto& outcome : CaptureLeads(work_, requests)) ASSERT_THAT(outcome, IsOk());
    RunAssignments();
  };
  capture(560, "west");
  capture(40, "east");
  CreateAssignmentRule east;
  east.rule.org_unit_id = east.rule.team_org_unit_id = headquarters_;
  east.rule.criteria = {{"region", {"east"}}};
  ASSERT_THAT(CreateAssignmentRules(work_, {Ask(east)})[0], IsOk());
  for (int round = 1; round <= 2; ++round) {
    SetCapacity(rep, 1000 + round);
    RunRetries(kRetryKey);
    RunRetries(kRetryRestKey);
  }
  EXPECT_EQ(Count("lead WHERE owner_id IS NOT NULL"), "40");
  EXPECT_EQ(Count("job WHERE dedupe_key = 'retry_waiting_leads'"), "1") << "the next round is to come";
}

TEST_F(WaitingLeadsTest, ADeadlineHoldsWhileAJudgedLeadWaitsAndWhenItsOwnerKeepsIt) {
  const Uuid rep = Hire("rep", 1), seller = Hire("seller", 0);
  RuleFor(rep, AssignmentPhase::kUnjudged, absl::Hours(8), absl::Hours(4));
  const Uuid sales = RuleFor(seller, AssignmentPhase::kSales), lead = CaptureOne("Acme");
  RunAssignments();
  Judge(lead);
  EXPECT_EQ(One("SELECT waiting_reason || '/' || follow_up FROM lead"), "ALL_AT_CAPACITY/PENDING");
  Edit(sales, false);
  RunRetries();
  EXPECT_EQ(One("SELECT waiting_since FROM lead"), "NULL");
  EXPECT_EQ(OwnerOf(lead), rep.ToString());
  EXPECT_EQ(One("SELECT follow_up FROM lead"), "PENDING");
  EXPECT_EQ(Count("job WHERE kind = 'lead_follow_up'"), "1");
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

}  // namespace
}  // namespace crm::customer
