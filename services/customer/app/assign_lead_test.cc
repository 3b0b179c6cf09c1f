#include "services/customer/app/assign_lead.h"

#include <future>

#include "common/testing/concurrent.h"
#include "services/customer/app/lead_fixture.h"
#include "services/customer/app/qualify_lead.h"
#include "services/customer/app/read_leads.h"
#include "services/customer/storage/directory_store.h"
#include "services/customer/storage/workload_store.h"

namespace crm::customer {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;

class AssignLeadTest : public LeadFixture {
 protected:
  void CaptureMany(int n, const std::string& salt = "") {
    std::vector<work::Request<CaptureLead>> requests;
    for (int i = 0; i < n; ++i) requests.push_back(Ask(Draft("公司 " + salt + std::to_string(i))));
    for (const auto& outcome : CaptureLeads(work_, requests)) ASSERT_THAT(outcome, IsOk());
  }
  EmployeeUpdate Capacity(int capacity) {
    EmployeeUpdate update;
    update.capacity = capacity;
    return update;
  }
  EmployeeUpdate State(EmployeeState state) {
    EmployeeUpdate update;
    update.state = state;
    return update;
  }
};

TEST_F(AssignLeadTest, RoundRobinGoesRoundAndTheDecisionIsReadable) {
  const Uuid a = Hire("a", 10), b = Hire("b", 10), away = Hire("away", 10);
  ASSERT_THAT(UpdateEmployees(work_, {Ask(UpdateEmployee{away, {}, State(EmployeeState::kOnLeave)})})[0],
              IsOk());
  const Uuid rule = Rule();
  CaptureMany(6);
  RunAssignments();
  EXPECT_THAT(Sql("SELECT count(*) FROM lead WHERE state = 'ASSIGNED' GROUP BY owner_id"),
              ElementsAre("3", "3"));
  EXPECT_THAT(BrokenInvariants(), IsEmpty());

  const Uuid lead = *Uuid::Parse(One("SELECT id FROM lead ORDER BY id LIMIT 1"));
  const auto stored = LatestDecision(pool_, Ask(GetLead{lead}));
  ASSERT_THAT(stored, IsOk());
  const Decision& decision = stored->decision;
  EXPECT_EQ(decision.rule_id, rule);
  EXPECT_EQ(decision.rule_version, 1);
  EXPECT_EQ(stored->strategy, "ROUND_ROBIN");
  std::map<Uuid, std::string> reasons;
  for (const auto& candidate : decision.candidates) reasons[candidate.employee_id] = candidate.reason;
  EXPECT_EQ(reasons[decision.chosen_id], "");
  EXPECT_EQ(reasons[away], "ON_LEAVE");
  EXPECT_EQ(reasons[decision.chosen_id == a ? b : a], "LATER_IN_ORDER");
}

TEST_F(AssignLeadTest, WhoeverIsFullGetsNoMoreAndTheRestWaitsUntilSomethingChanges) {
  const Uuid boss = Hire("boss", 0), rep = Hire("rep", 2, boss);
  Rule();
  CaptureMany(5);
  RunAssignments();
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE owner_id = '" + rep.ToString() + "'"), "2");
  EXPECT_EQ(
      One("SELECT count(*) FROM lead WHERE waiting_since IS NOT NULL AND waiting_reason = 'ALL_AT_CAPACITY'"),
      "3");
  EXPECT_EQ(
      One("SELECT count(*) FROM job WHERE dedupe_key LIKE 'retry_waiting_leads/%' AND state = 'PENDING'"),
      "1")
      << "tried again within a minute, by one job for all";
  RunRetriesOfNextMinute();
  EXPECT_EQ(One("SELECT count(*) FROM outbox WHERE type = 'LeadWaiting'"), "3") << "told once";
  EXPECT_THAT(BrokenInvariants(), IsEmpty());

  ASSERT_THAT(UpdateEmployees(work_, {Ask(UpdateEmployee{rep, {}, Capacity(4)})})[0], IsOk());
  EXPECT_EQ(One("SELECT state FROM job WHERE dedupe_key = 'retry_waiting_leads'"), "PENDING");
  RunRetries();
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE owner_id = '" + rep.ToString() + "'"), "4");
  const Uuid closed = *Uuid::Parse(One("SELECT id FROM lead WHERE owner_id IS NOT NULL LIMIT 1"));
  ASSERT_THAT(DisqualifyLeads(work_, {Ask(DisqualifyLead{closed, {}, {"X", ""}})})[0], IsOk());
  RunRetries();
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE waiting_since IS NOT NULL"), "0");
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

TEST_F(AssignLeadTest, ACapacityMayFallBelowWhatIsCarried) {
  const Uuid rep = Hire("rep", 5);
  Rule();
  CaptureMany(5);
  RunAssignments();
  ASSERT_THAT(UpdateEmployees(work_, {Ask(UpdateEmployee{rep, {}, Capacity(2)})})[0], IsOk());
  CaptureMany(1, "late ");
  RunAssignments();
  EXPECT_EQ(One("SELECT open_leads || '/' || capacity || '/' || ceiling FROM workload"), "5/2/5");
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE waiting_since IS NOT NULL"), "1");
}

TEST_F(AssignLeadTest, WithoutARuleALeadWaitsVisiblyUntilThereIsOne) {
  Hire("rep", 5);
  CaptureMany(1);
  RunAssignments();
  EXPECT_EQ(One("SELECT waiting_reason FROM lead"), "NO_RULE");
  Rule();
  RunRetries();
  EXPECT_EQ(One("SELECT state FROM lead"), "ASSIGNED");
}

TEST_F(AssignLeadTest, AJudgedLeadGoesToWhomTheRulesForSalesName) {
  const Uuid marketing = Hire("marketing", 5);
  CreateAssignmentRule unjudged, sales;
  unjudged.rule.org_unit_id = sales.rule.org_unit_id = headquarters_;
  unjudged.rule.name = sales.rule.name = "one person";
  unjudged.rule.strategy = sales.rule.strategy = Strategy::kPerson;
  unjudged.rule.employee_id = marketing;
  ASSERT_THAT(CreateAssignmentRules(work_, {Ask(unjudged)})[0], IsOk());
  const Uuid lead = CaptureOne("Acme");
  RunAssignments();
  const Uuid seller = Hire("seller", 5);
  sales.rule.employee_id = seller;
  sales.rule.phase = AssignmentPhase::kSales;
  ASSERT_THAT(CreateAssignmentRules(work_, {Ask(sales)})[0], IsOk());
  ASSERT_THAT(QualifyLeads(work_, {Ask(QualifyLead{lead, {}, {LeadVerdict::kOpportunity, "A", ""}})})[0],
              IsOk());
  RunAssignments();
  EXPECT_EQ(One("SELECT owner_id FROM lead"), seller.ToString());
  EXPECT_THAT(
      Sql("SELECT open_leads FROM workload w JOIN employee e ON e.id = w.employee_id ORDER BY e.name"),
      ElementsAre("0", "1"));
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

TEST_F(AssignLeadTest, APersonCanBeNamedButNotBeyondCapacity) {
  const Uuid rep = Hire("rep", 1);
  const Uuid a = CaptureOne("A"), b = CaptureOne("B");
  EXPECT_THAT(AssignLeadsTo(work_, {Ask(AssignLeadTo{a, rep, {}, ""})})[0], IsOk());
  EXPECT_THAT(AssignLeadsTo(work_, {Ask(AssignLeadTo{b, rep, {}, ""})})[0],
              HasReason("EMPLOYEE_AT_CAPACITY"));
  EXPECT_THAT(AssignLeadsTo(work_, {Ask(AssignLeadTo{b, Uuid::New(), {}, ""})})[0],
              HasReason("EMPLOYEE_NOT_FOUND"));
  ASSERT_THAT(UpdateEmployees(work_, {Ask(UpdateEmployee{rep, {}, State(EmployeeState::kOnLeave)})})[0],
              IsOk());
  EXPECT_THAT(AssignLeadsTo(work_, {Ask(AssignLeadTo{b, rep, {}, ""})})[0], HasReason("EMPLOYEE_NOT_ACTIVE"));
  RunAssignments();
  EXPECT_EQ(One("SELECT owner_id FROM lead WHERE company = 'A'"), rep.ToString());
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

TEST_F(AssignLeadTest, ALeadGivenByHandHasTheDeadlineOfItsRuleAndTheReason) {
  const Uuid rep = Hire("rep", 1);
  Rule(AssignmentPhase::kUnjudged, Strategy::kRoundRobin, absl::Hours(8));
  const Uuid lead = CaptureOne("Acme");
  ASSERT_THAT(AssignLeadsTo(work_, {Ask(AssignLeadTo{lead, rep, {}, "老客户"})})[0], IsOk());
  EXPECT_EQ(One("SELECT follow_up FROM lead"), "PENDING");
  EXPECT_EQ(One("SELECT count(*) FROM job WHERE kind = 'lead_follow_up'"), "1");
  const auto stored = LatestDecision(pool_, Ask(GetLead{lead}));
  ASSERT_THAT(stored, IsOk());
  EXPECT_EQ(stored->strategy + " " + stored->decision.reason, "MANUAL 老客户");
}

TEST_F(AssignLeadTest, OfTwoAssignmentsInOneBatchTheLastIsInForce) {
  const Uuid a = Hire("a", 10), b = Hire("b", 10);
  const Uuid first = CaptureOne("A"), second = CaptureOne("B");
  const auto give = [&](const Uuid& to_a, const Uuid& to_b) {
    return RoundTripsOf([&] {
      for (const auto& outcome :
           AssignLeadsTo(work_, {Ask(AssignLeadTo{to_a, a, {}, ""}), Ask(AssignLeadTo{to_b, b, {}, ""})}))
        EXPECT_THAT(outcome, IsOk());
    });
  };
  give(first, second);
  EXPECT_EQ(give(first, first), give(first, second)) << "without a rerun";
  EXPECT_EQ(One("SELECT owner_id FROM lead WHERE company = 'B'"), b.ToString());
  give(second, second);
  EXPECT_EQ(One("SELECT owner_id FROM lead WHERE company = 'B'"), b.ToString());
  EXPECT_EQ(One("SELECT count(*) FROM lead_assignment WHERE NOT active AND end_time IS NULL"), "0");
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

TEST_F(AssignLeadTest, WhoeverHasLeftGetsNothingAndHisPlacesAreFreed) {
  const Uuid gone = Hire("gone", 5), rep = Hire("rep", 5);
  const Uuid lead = CaptureOne("A"), other = CaptureOne("B");
  ASSERT_THAT(AssignLeadsTo(work_, {Ask(AssignLeadTo{lead, gone, {}, ""})})[0], IsOk());
  ASSERT_THAT(UpdateEmployees(work_, {Ask(UpdateEmployee{gone, {}, State(EmployeeState::kTerminated)})})[0],
              IsOk());
  EXPECT_THAT(AssignLeadsTo(work_, {Ask(AssignLeadTo{other, gone, {}, ""})})[0],
              HasReason("EMPLOYEE_NOT_ACTIVE"));
  ASSERT_THAT(AssignLeadsTo(work_, {Ask(AssignLeadTo{lead, rep, {}, ""})})[0], IsOk());
  RunAssignments();
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

// The assignment has read somebody as active, and then waits for the row in which the leave is being written.
TEST_F(AssignLeadTest, ALeaveThatIsCommittedFirstIsSeenByTheAssignmentThatWaitedForIt) {
  const Uuid rep = Hire("rep", 5), lead = CaptureOne("A");
  std::future<work::Outcome> given;
  const auto leave_while_the_lead_is_given = [&](db::Transaction& tx) {
    DirectoryStore directory(tx);
    auto employees = directory.LoadEmployees({rep});
    employees.Find(rep)->state = EmployeeState::kOnLeave;
    ++employees.Find(rep)->version;
    EXPECT_TRUE(directory.Save(employees));
    given = std::async(std::launch::async, [&] {
      return AssignLeadsTo(work_, {Ask(AssignLeadTo{lead, rep, {}, ""})})[0];
    });
    EXPECT_TRUE(testing::Eventually([&] {
      return One("SELECT count(*) FROM pg_stat_activity"
                 " WHERE datname = current_database() AND wait_event_type = 'Lock'") == "1";
    }));
    return absl::OkStatus();
  };
  EXPECT_THAT(db::RunTransaction(pool_, absl::Now() + absl::Seconds(30), leave_while_the_lead_is_given),
              IsOk());
  EXPECT_THAT(given.get(), HasReason("EMPLOYEE_NOT_ACTIVE"));
  EXPECT_EQ(One("SELECT count(*) FROM lead_assignment"), "0");
  RunAssignments();
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

TEST_F(AssignLeadTest, ADecisionKeepsAHundredCandidates) {
  std::vector<work::Request<CreateEmployee>> requests;
  for (int i = 0; i < 120; ++i) {
    CreateEmployee command;
    command.employee.name = command.employee.login = "rep " + std::to_string(i);
    command.employee.org_unit_id = headquarters_;
    command.employee.capacity = 1;
    requests.push_back(Ask(command));
  }
  CreateEmployees(work_, requests);
  Rule();
  const Uuid lead = CaptureOne("Acme");
  RunAssignments();
  const auto stored = LatestDecision(pool_, Ask(GetLead{lead}));
  ASSERT_THAT(stored, IsOk());
  EXPECT_EQ(stored->decision.candidates.size(), 100u);
  EXPECT_EQ(stored->decision.candidates[0].employee_id, stored->decision.chosen_id);
  EXPECT_EQ(stored->decision.more_candidates, 20);
}

TEST_F(AssignLeadTest, AJobThatIsTakenTwiceAssignsOnce) {
  Hire("rep", 5);
  Rule();
  CaptureMany(1);
  const auto claimed = Claim(kAssignLeadKind);
  const auto request = Ask(AssignLead{claimed[0].subject_id}, claimed[0].lease);
  EXPECT_THAT(AssignLeads(work_, {request})[0], IsOk());
  EXPECT_THAT(AssignLeads(work_, {request})[0], HasReason("LEASE_LOST"));
  EXPECT_EQ(One("SELECT count(*) FROM lead_assignment"), "1");
}

TEST_F(AssignLeadTest, SetsTakeAsManyStatementsAsOneCommand) {
  Hire("rep", 1000);
  Rule();
  const auto with = [&](int n, const std::string& salt) {
    CaptureMany(n, salt);
    std::vector<work::Request<AssignLead>> requests;
    for (const Claimed& job : Claim(kAssignLeadKind))
      requests.push_back(Ask(AssignLead{job.subject_id}, job.lease));
    EXPECT_EQ(requests.size(), static_cast<std::size_t>(n));
    return RoundTripsOf([&] { AssignLeads(work_, requests); });
  };
  with(1, "a");
  EXPECT_EQ(with(1, "b"), with(64, "c"));
}

// Many threads capture, assign, close, change capacities, go on leave, come back and retry at once; then a
// checker looks at what is there.
TEST_F(AssignLeadTest, NoCapacityIsExceededAndEveryLeadIsAssignedOnceOrWaits) {
  std::vector<Uuid> reps;
  for (int i = 0; i < 6; ++i) reps.push_back(Hire("rep" + std::to_string(i), 20 + i));
  Rule(AssignmentPhase::kUnjudged, Strategy::kLeastLoaded);
  std::atomic<int> unexpected{0};
  const auto count = [&](const std::vector<work::Outcome>& outcomes) {
    for (const auto& outcome : outcomes)
      if (!outcome.ok() && errors::Reason(outcome.status()) != "LEAD_NOT_OPEN") ++unexpected;
  };
  testing::RunConcurrently(6, [&](int thread) {
    const auto change = [&](const EmployeeUpdate& update) {
      count(UpdateEmployees(work_, {Ask(UpdateEmployee{reps[thread], {}, update})}));
    };
    // Grows with each lead that is given to him.
    const auto turn = [&] {
      std::int64_t last = 0;
      EXPECT_THAT(db::RunStatements(pool_, absl::Now() + absl::Seconds(30),
                                    [&](db::Transaction& tx) {
                                      last = WorkloadStore(tx).LoadRoster({}).Find(reps[thread])->turn;
                                      return absl::OkStatus();
                                    }),
                  IsOk());
      return last;
    };
    for (int round = 0; round < 12; ++round) {
      std::int64_t turn_of_leave = 0;
      if (round % 4 == 3) {
        change(State(EmployeeState::kOnLeave));
        turn_of_leave = turn();
      }
      std::vector<work::Request<CaptureLead>> captures;
      for (int i = 0; i < 4; ++i)
        captures.push_back(Ask(Draft("公司 " + std::to_string((thread * 100 + round) * 10 + i))));
      const auto captured = CaptureLeads(work_, captures);
      std::vector<work::Request<AssignLead>> assignments;
      for (const auto& outcome : captured) assignments.push_back(Ask(AssignLead{IdOf(outcome)}));
      count(AssignLeads(work_, assignments));
      if (round % 3 == 0)
        count(DisqualifyLeads(work_, {Ask(DisqualifyLead{IdOf(captured[0]), {}, {"X", ""}})}));
      if (round % 4 == 1) change(Capacity(10 + round));
      if (round % 4 == 2) count(RetryWaiting(work_, {Ask(RetryWaitingLeads{})}));
      if (round % 4 == 3) {
        EXPECT_EQ(turn(), turn_of_leave) << "given to somebody whose leave was acknowledged";
        change(State(EmployeeState::kActive));
      }
    }
  });
  EXPECT_EQ(unexpected, 0);
  EXPECT_EQ(One("SELECT count(*) FROM lead"), std::to_string(6 * 12 * 4));
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE state IN ('NEW', 'ASSIGNED') AND owner_id IS NULL AND "
                "waiting_since IS NULL"),
            "0");
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

}  // namespace
}  // namespace crm::customer
