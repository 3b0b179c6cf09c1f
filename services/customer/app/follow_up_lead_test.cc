#include "services/customer/app/follow_up_lead.h"

#include "services/customer/app/lead_fixture.h"

namespace crm::customer {
namespace {

using ::testing::ElementsAre;
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
  absl::Time Due() {
    return absl::FromUnixMicros(
        std::stoll(One("SELECT floor(extract(epoch FROM follow_up_due) * 1000000)::bigint FROM lead")));
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
  ASSERT_THAT(PlanFollowUps(work_, {Ask(PlanFollowUp{lead_, Uuid::New(), absl::Now()})})[0], IsOk());
  EXPECT_EQ(One("SELECT state || '/' || follow_up FROM lead"), "WORKING/PLANNED");
  EXPECT_EQ(One("SELECT state FROM job WHERE kind = 'lead_follow_up'"), "CANCELLED");
  RunFollowUps();
  EXPECT_THAT(Told(), ElementsAre("LeadCaptured", "LeadAssigned", "ReminderDue", "LeadUpdated"));
}

TEST_F(FollowUpLeadTest, APlanInTimeThatIsHeardOfLateWithdrawsTheMiss) {
  for (int step = 0; step < 3; ++step) RunFollowUps();
  ASSERT_THAT(PlanFollowUps(work_, {Ask(PlanFollowUp{lead_, Uuid::New(), Due() - absl::Minutes(1)})})[0],
              IsOk());
  EXPECT_EQ(One("SELECT state || '/' || follow_up FROM lead"), "WORKING/PLANNED");
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
    return std::map<Uuid, std::vector<Plan>>{{lead_, {{Uuid::New(), Due() - absl::Minutes(5)}}}};
  };
  RunFollowUps();
  EXPECT_EQ(One("SELECT state || '/' || follow_up FROM lead"), "WORKING/PLANNED");
  EXPECT_THAT(Told(),
              ElementsAre("LeadCaptured", "LeadAssigned", "ReminderDue", "ReminderDue", "LeadUpdated"));
}

TEST_F(FollowUpLeadTest, APlanThatWasMadeTooLateDoesNotSaveTheDeadline) {
  RunFollowUps();
  RunFollowUps();
  find_plans_ = [&](const std::vector<Uuid>&) {
    return std::map<Uuid, std::vector<Plan>>{{lead_, {{Uuid::New(), Due() + absl::Minutes(5)}}}};
  };
  RunFollowUps();
  EXPECT_EQ(One("SELECT follow_up FROM lead"), "MISSED");
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
  EXPECT_THAT(PlanFollowUps(work_, {Ask(PlanFollowUp{Uuid::New(), Uuid::New(), absl::Now()})})[0], IsOk());
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
          Ask(PlanFollowUp{CaptureOne("公司 " + salt + std::to_string(i)), Uuid::New(), absl::Now()}));
    RunAssignments();
    trips_ = RoundTripsOf([&] { PlanFollowUps(work_, plans); });
  };
  with(1, "a");
  with(1, "b");
  const auto one = trips_;
  with(64, "c");
  EXPECT_EQ(one, trips_);
}

}  // namespace
}  // namespace crm::customer
