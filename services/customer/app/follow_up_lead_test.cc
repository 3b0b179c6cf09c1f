#include "services/customer/app/follow_up_lead.h"

#include "services/customer/app/lead_fixture.h"

namespace crm::customer {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;

class FollowUpLeadTest : public LeadFixture {
 protected:
  FollowUpLeadTest() {
    rep_ = Hire("rep", 5, Hire("boss", 0));
    Rule(AssignmentPhase::kUnjudged, Strategy::kRoundRobin, absl::Hours(8), absl::Hours(4));
    lead_ = CaptureOne("Acme");
    RunAssignments();
  }
  std::vector<std::string> Told() {
    return Sql("SELECT type FROM outbox WHERE aggregate_id = '" + lead_.ToString() +
               "' ORDER BY aggregate_seq");
  }
  FollowUpPlan PlanOf(const Uuid& owner_id, absl::Time committed) const {
    return {Uuid::New(), owner_id, committed};
  }
  void Hear(const FollowUpPlan& plan) {
    ASSERT_THAT(PlanFollowUps(work_, {Ask(PlanFollowUp{lead_, plan})})[0], IsOk());
  }
  std::string StateAndFollowUp() { return One("SELECT state || '/' || follow_up FROM lead"); }
  std::string Jobs() { return One("SELECT count(*) FROM job WHERE kind = 'lead_follow_up'"); }
  absl::Time Due() {
    return absl::FromUnixMicros(
        std::stoll(One("SELECT floor(extract(epoch FROM follow_up_due) * 1000000)::bigint FROM lead")));
  }

  std::map<Uuid, std::vector<FollowUpPlan>> Answer(const FollowUpPlan& plan) const {
    return {{lead_, {plan}}};
  }

  Uuid rep_, lead_;
  std::int64_t trips_ = 0;
};

TEST_F(FollowUpLeadTest, RemindsTwiceThenMissesThenTakesTheLeadBack) {
  EXPECT_EQ(One("SELECT follow_up FROM lead"), "PENDING");
  RunFollowUps();
  RunFollowUps();
  EXPECT_THAT(Told(), ElementsAre("LeadCaptured", "LeadAssigned", "ReminderDue", "ReminderDue"));
  RunFollowUps();
  EXPECT_EQ(One("SELECT follow_up FROM lead"), "MISSED");
  RunFollowUps();
  EXPECT_EQ(One("SELECT state || '/' || (owner_id IS NULL) FROM lead"), "NEW/true");
  EXPECT_EQ(One("SELECT open_leads FROM workload WHERE employee_id = '" + rep_.ToString() + "'"), "0");
  RunFollowUps();
  RunAssignments();
  EXPECT_EQ(One("SELECT waiting_reason FROM lead"), "NOBODY_ELIGIBLE") << "the one who failed cools down";
  const Uuid other = Hire("other", 5);
  RunRetries();
  EXPECT_EQ(One("SELECT owner_id FROM lead"), other.ToString());
  EXPECT_THAT(Told(), ElementsAre("LeadCaptured", "LeadAssigned", "ReminderDue", "ReminderDue",
                                  "LeadFollowUpMissed", "LeadReclaimed", "LeadWaiting", "LeadAssigned"));
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

TEST_F(FollowUpLeadTest, APlanEndsTheDeadline) {
  RunFollowUps();
  Hear(PlanOf(rep_, absl::Now()));
  EXPECT_EQ(StateAndFollowUp(), "WORKING/PLANNED");
  EXPECT_EQ(Jobs(), "0");
  RunFollowUps();
  EXPECT_THAT(Told(), ElementsAre("LeadCaptured", "LeadAssigned", "ReminderDue", "LeadUpdated"));
}

TEST_F(FollowUpLeadTest, APlanInTimeThatIsHeardOfLateWithdrawsTheMiss) {
  for (int step = 0; step < 3; ++step) RunFollowUps();
  Hear(PlanOf(rep_, Due() - absl::Minutes(1)));
  EXPECT_EQ(StateAndFollowUp(), "WORKING/PLANNED");
  RunFollowUps();
  EXPECT_EQ(One("SELECT owner_id FROM lead"), rep_.ToString());
  EXPECT_THAT(Told(), ElementsAre("LeadCaptured", "LeadAssigned", "ReminderDue", "ReminderDue",
                                  "LeadFollowUpMissed", "LeadFollowUpMissWithdrawn", "LeadUpdated"));
}

TEST_F(FollowUpLeadTest, BeforeAMissIsCountedThePlansAreAskedFor) {
  RunFollowUps();
  RunFollowUps();
  find_plans_ = [&](const std::vector<Uuid>& leads) {
    EXPECT_THAT(leads, ElementsAre(lead_));
    return Answer(PlanOf(rep_, Due() - absl::Minutes(5)));
  };
  RunFollowUps();
  EXPECT_EQ(StateAndFollowUp(), "WORKING/PLANNED");
  EXPECT_THAT(Told(),
              ElementsAre("LeadCaptured", "LeadAssigned", "ReminderDue", "ReminderDue", "LeadUpdated"));
}

TEST_F(FollowUpLeadTest, APlanThatWasMadeTooLateDoesNotSaveTheDeadline) {
  RunFollowUps();
  RunFollowUps();
  find_plans_ = [&](const std::vector<Uuid>&) { return Answer(PlanOf(rep_, Due() + absl::Minutes(5))); };
  RunFollowUps();
  EXPECT_EQ(One("SELECT follow_up FROM lead"), "MISSED");
}

TEST_F(FollowUpLeadTest, BeforeALeadIsTakenBackThePlansAreAskedForToo) {
  for (int step = 0; step < 3; ++step) RunFollowUps();
  find_plans_ = [&](const std::vector<Uuid>&) { return Answer(PlanOf(rep_, Due() + absl::Minutes(5))); };
  RunFollowUps();
  EXPECT_EQ(StateAndFollowUp(), "WORKING/MISSED");
  EXPECT_EQ(One("SELECT owner_id FROM lead"), rep_.ToString());
  EXPECT_EQ(Jobs(), "0");
}

TEST_F(FollowUpLeadTest, AStepWaitsUntilThePlansCanBeAskedFor) {
  RunFollowUps();
  RunFollowUps();
  const auto claimed = Claim(kFollowUpKind);
  const auto step = Ask(TakeFollowUpStep{lead_, *DecodeFollowUp(claimed[0].payload)}, claimed[0].lease);
  const FindPlans nobody_answers = [](const auto&) { return std::map<Uuid, std::vector<FollowUpPlan>>(); };
  const auto outcome = TakeFollowUpSteps(work_, nobody_answers, {step})[0];
  EXPECT_THAT(outcome, HasReason("FOLLOW_UP_PLANS_UNKNOWN"));
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kUnavailable) << "tried again for ever";
  EXPECT_EQ(One("SELECT follow_up FROM lead"), "PENDING");
  const FindPlans no_plans = [&](const auto&) {
    return std::map<Uuid, std::vector<FollowUpPlan>>{{lead_, {}}};
  };
  EXPECT_THAT(TakeFollowUpSteps(work_, no_plans, {step})[0], IsOk());
  EXPECT_EQ(One("SELECT follow_up FROM lead"), "MISSED");
}

TEST_F(FollowUpLeadTest, APlanMadeTooLateCountsTheMissThoughItIsHeardOfBeforeTheStep) {
  Hear(PlanOf(rep_, Due() + absl::Minutes(5)));
  EXPECT_EQ(StateAndFollowUp(), "WORKING/MISSED");
  EXPECT_EQ(Jobs(), "0") << "it stays with its owner";
  EXPECT_THAT(Told(), ElementsAre("LeadCaptured", "LeadAssigned", "LeadFollowUpMissed", "LeadUpdated"));
}

TEST_F(FollowUpLeadTest, APlanOfAnotherOrFromBeforeTheAssignmentDoesNotCount) {
  Hear(PlanOf(Uuid::New(), absl::Now()));
  Hear(PlanOf(rep_, absl::Now() - absl::Hours(24)));
  EXPECT_EQ(StateAndFollowUp(), "ASSIGNED/PENDING");
  EXPECT_EQ(Jobs(), "1");
}

TEST_F(FollowUpLeadTest, AJudgementDoesNotEndTheDeadlineOfAnOwnerWhoKeepsTheLead) {
  ASSERT_THAT(QualifyLeads(work_, {Ask(QualifyLead{lead_, {}, {LeadVerdict::kOpportunity, "A", ""}})})[0],
              IsOk());
  RunAssignments();
  EXPECT_EQ(StateAndFollowUp(), "ASSIGNED/PENDING");
  EXPECT_EQ(Jobs(), "1");
}

TEST_F(FollowUpLeadTest, AnotherOwnerEndsTheDeadlineOfTheFirst) {
  const Uuid other = Hire("other", 5);
  const auto claimed = Claim(kFollowUpKind);
  ASSERT_THAT(AssignLeadsTo(work_, {Ask(AssignLeadTo{lead_, other, {}, ""})})[0], IsOk());
  ASSERT_THAT(
      TakeFollowUpSteps(work_, {}, {Ask(TakeFollowUpStep{lead_, *DecodeFollowUp(claimed[0].payload)})})[0],
      IsOk());
  EXPECT_THAT(Told(), ElementsAre("LeadCaptured", "LeadAssigned", "LeadAssigned"));
}

TEST_F(FollowUpLeadTest, PlansForUnknownLeadsAreHeardAndChangeNothing) {
  EXPECT_THAT(PlanFollowUps(work_, {Ask(PlanFollowUp{Uuid::New(), PlanOf(rep_, absl::Now())})})[0], IsOk());
}

TEST_F(FollowUpLeadTest, SetsTakeAsManyStatementsAsOneCommand) {
  const auto with = [&](int n, const std::string& salt) {
    std::vector<work::Request<PlanFollowUp>> plans;
    ASSERT_THAT(UpdateEmployees(work_, {Ask(UpdateEmployee{rep_,
                                                           {},
                                                           [] {
                                                             EmployeeUpdate u;
                                                             u.capacity = 1000;
                                                             return u;
                                                           }()})})[0],
                IsOk());
    for (int i = 0; i < n; ++i)
      plans.push_back(
          Ask(PlanFollowUp{CaptureOne("公司 " + salt + std::to_string(i)), PlanOf(rep_, absl::Now())}));
    RunAssignments();
    for (auto& plan : plans) plan.command.plan.committed = absl::Now();
    trips_ = RoundTripsOf([&] { PlanFollowUps(work_, plans); });
  };
  with(1, "a");
  with(1, "b");
  const auto one = trips_;
  with(64, "c");
  EXPECT_EQ(one, trips_);
}

TEST_F(FollowUpLeadTest, SetsOfStepsTakeAsManyStatementsAsOne) {
  Hire("many", 1000);
  find_plans_ = [](const std::vector<Uuid>& leads) {
    std::map<Uuid, std::vector<FollowUpPlan>> none;
    for (const Uuid& lead : leads) none[lead];
    return none;
  };
  const auto with = [&](int n, const std::string& salt) {
    Sql("DELETE FROM job");
    for (int i = 0; i < n; ++i) CaptureOne("公司 " + salt + std::to_string(i));
    RunAssignments();
    std::vector<std::int64_t> trips;
    for (int step = 0; step < 4; ++step) {
      std::vector<work::Request<TakeFollowUpStep>> steps;
      for (const Claimed& job : Claim(kFollowUpKind))
        steps.push_back(
            Ask(TakeFollowUpStep{job.subject_id, DecodeFollowUp(job.payload).value()}, job.lease));
      EXPECT_EQ(steps.size(), static_cast<std::size_t>(n));
      trips.push_back(
          RoundTripsOf([&] { EXPECT_THAT(TakeFollowUpSteps(work_, find_plans_, steps), Each(IsOk())); }));
    }
    return trips;
  };
  with(1, "a");
  EXPECT_EQ(with(1, "b"), with(64, "c")) << "of the two reminders, the miss and the end of the grace";
  EXPECT_EQ(One("SELECT count(*) FROM outbox WHERE type = 'LeadReclaimed'"), "66");
}

}  // namespace
}  // namespace crm::customer
