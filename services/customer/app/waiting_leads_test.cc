#include "services/customer/app/assign_lead.h"
#include "services/customer/app/lead_fixture.h"
#include "services/customer/app/qualify_lead.h"
#include "services/customer/app/read_leads.h"

namespace crm::customer {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

class WaitingLeadsTest : public LeadFixture {
 protected:
  WaitingLeadsTest() {
    codecs_.BindEvent<LeadFact<LeadWaiting>>([this](const LeadFact<LeadWaiting>& fact) {
      alerted_ = fact.happened.alert_employee_ids;
      return outbox::EncodedEvent{"LeadWaiting", ""};
    });
  }
  void TearDown() override { EXPECT_THAT(BrokenInvariants(), IsEmpty()); }

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
  void Change(const Uuid& employee, const EmployeeUpdate& update) {
    ASSERT_THAT(UpdateEmployees(work_, {Ask(UpdateEmployee{employee, {}, update})})[0], IsOk());
  }
  void SetCapacity(const Uuid& employee, int capacity) {
    EmployeeUpdate update;
    update.capacity = capacity;
    Change(employee, update);
  }
  void SetState(const Uuid& employee, EmployeeState state) {
    EmployeeUpdate update;
    update.state = state;
    Change(employee, update);
  }
  // One waits, and nobody is about to try again.
  void OneWaits() {
    waits_ = CaptureOne("B");
    RunAssignments();
    ForgetRetries();
    ASSERT_EQ(OwnerOf(waits_), "NULL");
  }
  // The first is `owner`'s, whose only place it takes; the second waits, and nobody is about to try again.
  void OneHasAndOneWaits() {
    had_ = CaptureOne("A");
    RunAssignments();
    OneWaits();
  }
  // What has happened asks for a try at once, which gives the one that waits to `owner`.
  void ExpectTriedAtOnceAndGivenTo(const Uuid& owner) {
    EXPECT_THAT(Sql("SELECT dedupe_key FROM job WHERE kind = 'retry_waiting_leads' AND state = 'PENDING'"
                    " AND due_time <= now()"),
                ElementsAre(kRetryKey));
    RunRetries();
    EXPECT_EQ(OwnerOf(waits_), owner.ToString());
    EXPECT_EQ(Count("outbox WHERE type = 'LeadAssigned' AND aggregate_id = '" + waits_.ToString() + "'"),
              "1");
  }
  void Capture(int count, const std::string& region) {
    std::vector<work::Request<CaptureLead>> requests;
    for (int i = 0; i < count; ++i) {
      requests.push_back(Ask(Draft(region + std::to_string(i))));
      requests.back().command.draft.details.region = region;
    }
    ASSERT_THAT(CaptureLeads(work_, requests), Each(IsOk()));
    RunAssignments();
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
  RunRetriesOfNextMinute();
  EXPECT_EQ(Count("outbox WHERE type = 'LeadWaiting'"), "2");
  EXPECT_EQ(LatestDecision(pool_, Ask(GetLead{lead}))->decision.rule_version, 2);
}

TEST_F(WaitingLeadsTest, APlaceThatIsFreedByHandGoesToWhoWaits) {
  const Uuid rep = Hire("rep", 1), other = Hire("other", 1);
  RuleFor(rep);
  OneHasAndOneWaits();
  ASSERT_THAT(AssignLeadsTo(work_, {Ask(AssignLeadTo{had_, other, {}, ""})})[0], IsOk());
  ExpectTriedAtOnceAndGivenTo(rep);
}

TEST_F(WaitingLeadsTest, APlaceThatIsFreedByGivingALeadUpGoesToWhoWaits) {
  const Uuid rep = Hire("rep", 1);
  RuleFor(rep);
  OneHasAndOneWaits();
  ASSERT_THAT(DisqualifyLeads(work_, {Ask(DisqualifyLead{had_, {}, {"NO_BUDGET", ""}})})[0], IsOk());
  ExpectTriedAtOnceAndGivenTo(rep);
}

TEST_F(WaitingLeadsTest, WhoComesBackFromLeaveGetsWhoWaits) {
  const Uuid rep = Hire("rep", 1);
  SetState(rep, EmployeeState::kOnLeave);
  RuleFor(rep);
  OneWaits();
  SetState(rep, EmployeeState::kActive);
  ExpectTriedAtOnceAndGivenTo(rep);
}

TEST_F(WaitingLeadsTest, WhoMayCarryMoreGetsWhoWaits) {
  const Uuid rep = Hire("rep", 0);
  RuleFor(rep);
  OneWaits();
  SetCapacity(rep, 1);
  ExpectTriedAtOnceAndGivenTo(rep);
}

TEST_F(WaitingLeadsTest, WhoIsNewGetsWhoWaits) {
  Rule();
  OneWaits();
  ExpectTriedAtOnceAndGivenTo(Hire("rep", 1));
}

TEST_F(WaitingLeadsTest, WhomANewRuleNamesGetsWhoWaits) {
  const Uuid rep = Hire("rep", 1);
  OneWaits();
  RuleFor(rep);
  ExpectTriedAtOnceAndGivenTo(rep);
}

TEST_F(WaitingLeadsTest, WhomAnEditedRuleNamesGetsWhoWaits) {
  const Uuid rep = Hire("rep", 1), rule = RuleFor(rep);
  Edit(rule, false);
  OneWaits();
  Edit(rule, true);
  ExpectTriedAtOnceAndGivenTo(rep);
}

TEST_F(WaitingLeadsTest, AChangeThatMakesNoRoomTriesNobodyAgain) {
  const Uuid rep = Hire("rep", 0), away = Hire("away", 1);
  RuleFor(rep);
  SetState(away, EmployeeState::kOnLeave);
  OneWaits();
  SetCapacity(away, 2);
  SetState(rep, EmployeeState::kOnLeave);
  EXPECT_EQ(Count("job WHERE kind = 'retry_waiting_leads'"), "0");
}

// Some become eligible without anybody doing anything: whoever was cooling down.
TEST_F(WaitingLeadsTest, WhoeverWaitsIsTriedAgainEveryMinute) {
  const Uuid rep = Hire("rep", 0);
  RuleFor(rep);
  ForgetRetries();
  waits_ = CaptureOne("Acme");
  RunAssignments();
  for (int minute = 0; minute < 3; ++minute) {
    EXPECT_EQ(Sql("SELECT state FROM job WHERE kind = 'retry_waiting_leads' AND dedupe_key <> '" +
                  std::string(kRetryKey) + "' AND due_time <= now() + interval '60 s'"),
              std::vector<std::string>{"PENDING"})
        << "after minute " << minute;
    EXPECT_EQ(OwnerOf(waits_), "NULL");
    if (minute == 2) {
      SetCapacity(rep, 1);
      Sql("DELETE FROM job WHERE dedupe_key = '" + std::string(kRetryKey) + "'");
    }
    RunRetriesOfNextMinute();
  }
  EXPECT_EQ(OwnerOf(waits_), rep.ToString());
  EXPECT_EQ(Count("outbox WHERE type = 'LeadAssigned'"), "1");
  EXPECT_EQ(Count("job WHERE kind = 'retry_waiting_leads'"), "0") << "nobody waits any more";
}

TEST_F(WaitingLeadsTest, APlaceThatIsFreedByTheRulesForSalesGoesToWhoWaits) {
  const Uuid rep = Hire("rep", 1), seller = Hire("seller", 1);
  RuleFor(rep);
  RuleFor(seller, AssignmentPhase::kSales);
  OneHasAndOneWaits();
  Judge(had_);
  EXPECT_EQ(OwnerOf(had_), seller.ToString());
  ExpectTriedAtOnceAndGivenTo(rep);
}

TEST_F(WaitingLeadsTest, APlaceThatIsFreedByTakingALeadBackGoesToWhoWaits) {
  const Uuid rep = Hire("rep", 1);
  RuleFor(rep, AssignmentPhase::kUnjudged, absl::Hours(8), absl::Hours(4));
  OneHasAndOneWaits();
  for (int step = 0; step < 4; ++step) RunFollowUps();
  EXPECT_EQ(OwnerOf(had_), "NULL");
  ExpectTriedAtOnceAndGivenTo(rep);
  RunAssignments();
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
  Capture(560, "west");
  Capture(40, "east");
  CreateAssignmentRule east;
  east.rule.org_unit_id = east.rule.team_org_unit_id = headquarters_;
  east.rule.criteria = {{"region", {"east"}}};
  ASSERT_THAT(CreateAssignmentRules(work_, {Ask(east)})[0], IsOk());
  RunRetries(kRetryKey);
  SetCapacity(rep, 1001);
  RunRetries(kRetryKey);
  EXPECT_EQ(Count("job WHERE dedupe_key = 'retry_waiting_leads' AND due_time > update_time"), "1")
      << "the next round is to come";
  RunRetries(kRetryRestKey);
  SetCapacity(rep, 1002);
  RunRetries();
  EXPECT_EQ(Count("job WHERE dedupe_key = 'retry_waiting_leads' AND due_time > update_time"), "1")
      << "though both are in one set";
  EXPECT_EQ(Count("lead WHERE owner_id IS NOT NULL"), "40");
  EXPECT_EQ(Count("job WHERE dedupe_key = 'retry_waiting_leads/rest'"), "0");
}

// However many jobs have come together, they are one try.
TEST_F(WaitingLeadsTest, SetsTakeAsManyStatementsAsOneJob) {
  Rule();
  const auto with = [&](int n, const std::string& salt) {
    Capture(n, salt);
    Hire("rep " + salt, n);
    ForgetRetries();
    Sql("INSERT INTO job SELECT 0, gen_random_uuid(), 'retry_waiting_leads', 'lead-assignment', "
        "'retry_waiting_leads/' || i, '" +
        Uuid().ToString() + "', '', 'PENDING', now(), 0, 0, '', now(), now() FROM generate_series(1, " +
        std::to_string(n) + ") i");
    const auto claimed = Claim(kRetryWaitingKind);
    std::vector<work::Request<RetryWaitingLeads>> requests;
    for (const Claimed& job : claimed) requests.push_back(Ask(RetryWaitingLeads{job.payload}, job.lease));
    EXPECT_EQ(requests.size(), static_cast<std::size_t>(n));
    return RoundTripsOf([&] { EXPECT_THAT(RetryWaiting(work_, requests), Each(IsOk())); });
  };
  with(1, "a");
  EXPECT_EQ(with(1, "b"), with(64, "c"));
  EXPECT_EQ(Count("lead WHERE owner_id IS NOT NULL"), "66");
  EXPECT_EQ(Count("outbox WHERE type = 'LeadAssigned'"), "66");
  EXPECT_EQ(Count("job WHERE kind = 'retry_waiting_leads'"), "0");
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
}

}  // namespace
}  // namespace crm::customer
