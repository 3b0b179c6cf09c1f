#include "services/customer/domain/assignment.h"

#include <gmock/gmock.h>

#include <random>

namespace crm::customer {
namespace {

using ::testing::ElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
const Uuid kRoot(1, 1), kNorth(1, 2), kSouth(1, 3);
const std::string kRootPath = kRoot.ToString() + "/", kNorthPath = kRootPath + kNorth.ToString() + "/",
                  kSouthPath = kRootPath + kSouth.ToString() + "/";

AssignmentRule TeamRule(const Uuid& list, const std::string& list_path, const Uuid& team,
                        Strategy strategy = Strategy::kRoundRobin) {
  AssignmentRule rule;
  rule.id = Uuid::New();
  rule.version = 3;
  rule.org_unit_id = list;
  rule.org_path = list_path;
  rule.team_org_unit_id = team;
  rule.strategy = strategy;
  return rule;
}

Seat NewSeat(std::uint64_t id, const std::string& path, std::int64_t capacity, std::int64_t open = 0,
             std::int64_t turn = 0) {
  Seat seat;
  seat.employee_id = Uuid(9, id);
  seat.org_path = path;
  seat.capacity = capacity;
  seat.open_leads = open;
  seat.turn = turn;
  return seat;
}

Lead NewLead(const std::string& region = "") {
  Lead lead;
  lead.id = Uuid::New();
  lead.details.company = "Acme";
  lead.details.region = region;
  return lead;
}

TEST(Assignment, TheFirstMatchingRuleDecides) {
  Roster roster;
  roster.Add(NewSeat(1, kNorthPath, 5));
  roster.Add(NewSeat(2, kSouthPath, 5));
  AssignmentRule north = TeamRule(kRoot, kRootPath, kNorth), rest = TeamRule(kRoot, kRootPath, kSouth);
  north.criteria = {{"region", {"华北", "North"}}};
  north.position = 1;
  rest.position = 2;
  const std::vector<AssignmentRule> rules = {rest, north};
  EXPECT_EQ(Assign(NewLead("north"), kRootPath, rules, roster, kNow).chosen_id, Uuid(9, 1));
  EXPECT_EQ(Assign(NewLead("华北"), kRootPath, rules, roster, kNow).rule_id, north.id);
  const Decision decision = Assign(NewLead("West"), kRootPath, rules, roster, kNow);
  EXPECT_EQ(decision.chosen_id, Uuid(9, 2));
  EXPECT_EQ(decision.rule_version, 3);
}

TEST(Assignment, AListOfOnesOwnComesBeforeTheInheritedAndStrangersDoNotCount) {
  Roster roster;
  roster.Add(NewSeat(1, kNorthPath, 5));
  roster.Add(NewSeat(2, kSouthPath, 5));
  AssignmentRule inherited = TeamRule(kRoot, kRootPath, kSouth), own = TeamRule(kNorth, kNorthPath, kNorth);
  own.position = 99;
  const std::vector<AssignmentRule> rules = {inherited, own};
  EXPECT_EQ(Assign(NewLead(), kNorthPath, rules, roster, kNow).rule_id, own.id);
  EXPECT_EQ(Assign(NewLead(), kSouthPath, rules, roster, kNow).rule_id, inherited.id);
  EXPECT_EQ(Assign(NewLead(), "", rules, roster, kNow).reason, "NO_RULE");
}

TEST(Assignment, CriteriaCompareAnyFieldAndAttributes) {
  AssignmentRule rule = TeamRule(kRoot, kRootPath, kNorth);
  LeadDetails details;
  details.attributes = {{"Budget", "big"}};
  rule.criteria = {{"attributes.Budget", {"BIG"}}};
  EXPECT_TRUE(Matches(rule, details));
  rule.criteria.push_back({"email", {"*"}});
  EXPECT_FALSE(Matches(rule, details));
  details.email = "a@b.cn";
  EXPECT_TRUE(Matches(rule, details));
  EXPECT_TRUE(IsLeadField("attributes.x"));
  EXPECT_FALSE(IsLeadField("attributes."));
  EXPECT_FALSE(IsLeadField("colour"));
}

TEST(Assignment, SaysWhyEachWasPassedOver) {
  Roster roster;
  Seat left = NewSeat(1, kNorthPath, 5), away = NewSeat(2, kNorthPath, 5);
  left.state = EmployeeState::kTerminated;
  away.state = EmployeeState::kOnLeave;
  roster.Add(left);
  roster.Add(away);
  roster.Add(NewSeat(3, kNorthPath, 5, 5));
  roster.Add(NewSeat(4, kNorthPath, 5));
  roster.Add(NewSeat(5, kNorthPath, 5, 1, 7));
  roster.Add(NewSeat(6, kSouthPath, 5));
  Lead lead = NewLead();
  lead.passed_owner_id = Uuid(9, 4);
  lead.passed_until = kNow + absl::Hours(1);
  const std::vector<AssignmentRule> rules = {TeamRule(kRoot, kRootPath, kNorth)};
  const Decision decision = Assign(lead, kRootPath, rules, roster, kNow);
  EXPECT_EQ(decision.chosen_id, Uuid(9, 5));
  std::map<Uuid, std::string> reasons;
  for (const CandidateVerdict& candidate : decision.candidates)
    reasons[candidate.employee_id] = candidate.reason;
  const std::map<Uuid, std::string> expected = {{Uuid(9, 1), "TERMINATED"},
                                                {Uuid(9, 2), "ON_LEAVE"},
                                                {Uuid(9, 3), "AT_CAPACITY"},
                                                {Uuid(9, 4), "COOLING_DOWN"},
                                                {Uuid(9, 5), ""}};
  EXPECT_EQ(reasons, expected);
  lead.passed_until = kNow;
  EXPECT_EQ(Assign(lead, kRootPath, rules, roster, kNow).chosen_id, Uuid(9, 4))
      << "cooled down, and never assigned to";
}

TEST(Assignment, NobodyEligibleWaitsWithTheReason) {
  const std::vector<AssignmentRule> rules = {TeamRule(kRoot, kRootPath, kNorth)};
  Roster empty, full, absent;
  full.Add(NewSeat(1, kNorthPath, 0));
  Seat away = NewSeat(1, kNorthPath, 3);
  away.state = EmployeeState::kOnLeave;
  absent.Add(away);
  EXPECT_EQ(Assign(NewLead(), kRootPath, rules, empty, kNow).reason, "NO_CANDIDATE");
  EXPECT_EQ(Assign(NewLead(), kRootPath, rules, full, kNow).reason, "ALL_AT_CAPACITY");
  EXPECT_EQ(Assign(NewLead(), kRootPath, rules, absent, kNow).reason, "ALL_ABSENT");
  EXPECT_EQ(Assign(NewLead(), kRootPath, rules, full, kNow).outcome, AssignmentOutcome::kWaiting);
}

TEST(Assignment, WithoutARuleForTheJudgementThePresentOwnerKeepsIt) {
  Roster roster;
  roster.Add(NewSeat(1, kNorthPath, 1, 1));
  Lead lead = NewLead();
  lead.owner_id = Uuid(9, 1);
  lead.verdict = LeadVerdict::kOpportunity;
  const Decision decision =
      Assign(lead, kRootPath, std::vector{TeamRule(kRoot, kRootPath, kNorth)}, roster, kNow);
  EXPECT_EQ(decision.outcome, AssignmentOutcome::kKept);
  EXPECT_EQ(decision.phase, AssignmentPhase::kSales);
}

TEST(Assignment, LeastLoadedIsTheLargestRemainingCapacity) {
  Roster roster;
  roster.Add(NewSeat(1, kNorthPath, 10, 8));
  roster.Add(NewSeat(2, kNorthPath, 4, 0));
  roster.Add(NewSeat(3, kNorthPath, 100, 97));
  const std::vector<AssignmentRule> rules = {TeamRule(kRoot, kRootPath, kNorth, Strategy::kLeastLoaded)};
  const Decision decision = Assign(NewLead(), kRootPath, rules, roster, kNow);
  EXPECT_EQ(decision.chosen_id, Uuid(9, 2));
  EXPECT_EQ(decision.tie_break, "largest remaining capacity");
}

class Alerts : public ::testing::Test {
 protected:
  // Sits in the unit of `path` and is managed by `manager`, if anybody.
  void Add(std::uint64_t id, const std::string& path, std::uint64_t manager = 0,
           EmployeeState state = EmployeeState::kActive) {
    Seat seat = NewSeat(id, path, 5);
    seat.state = state;
    if (manager != 0) seat.manager_id = Uuid(9, manager);
    roster_.Add(std::move(seat));
  }
  std::vector<Uuid> Of(const std::string& lead_org_path, const std::vector<std::uint64_t>& passed_over = {}) {
    Decision decision;
    for (const std::uint64_t id : passed_over) decision.candidates.emplace_back().employee_id = Uuid(9, id);
    return WhomToAlert(decision, lead_org_path, roster_);
  }
  Roster roster_;
};

TEST_F(Alerts, GoToTheManagersOfThosePassedOver) {
  Add(1, kRootPath);
  Add(2, kRootPath);
  Add(3, kNorthPath, 1);
  Add(4, kNorthPath, 2);
  EXPECT_THAT(Of(kNorthPath, {3}), ElementsAre(Uuid(9, 1)));
  EXPECT_THAT(Of(kNorthPath, {3, 4}), ElementsAre(Uuid(9, 1), Uuid(9, 2)));
}

TEST_F(Alerts, GoToTheNearestManagersAboveWhenNobodyWasPassedOver) {
  Add(1, kRootPath);
  Add(2, kRootPath, 1);
  Add(3, kNorthPath, 2);
  Add(4, kSouthPath);
  EXPECT_THAT(Of(kNorthPath), ElementsAre(Uuid(9, 2)));
  EXPECT_THAT(Of(kSouthPath), ElementsAre(Uuid(9, 1))) << "nobody is managed in the south";
  EXPECT_THAT(Of(kRootPath), ElementsAre(Uuid(9, 1)));
}

TEST_F(Alerts, GoToActivePeopleOnly) {
  Add(1, kRootPath);
  Add(2, kNorthPath, 0, EmployeeState::kTerminated);
  Add(3, kNorthPath, 2);
  Add(4, kRootPath, 1);
  EXPECT_THAT(Of(kNorthPath, {3}), ElementsAre(Uuid(9, 1)));
}

TEST_F(Alerts, GoToHeadquartersWhereNobodyIsManaged) {
  Add(1, kRootPath);
  Add(2, kNorthPath);
  EXPECT_THAT(Of(kNorthPath), ElementsAre(Uuid(9, 1)));
  EXPECT_THAT(Of(""), ElementsAre(Uuid(9, 1))) << "also when the lead's unit is not known";
}

TEST_F(Alerts, GoToWhoeverManagesAnybodyWhenHeadquartersIsEmpty) {
  Add(1, kNorthPath);
  Add(2, kNorthPath, 1);
  EXPECT_THAT(Of(kSouthPath), ElementsAre(Uuid(9, 1)));
}

TEST_F(Alerts, GoToTwentyPeopleAtMost) {
  for (std::uint64_t id = 1; id <= 50; ++id) Add(id, kRootPath);
  EXPECT_EQ(Of(kRootPath).size(), 20u);
}

// Property: over any roster, capacities hold, nobody absent is chosen, round robin never lets two eligible
// people differ by more than one turn, and every lead is assigned or waits with everybody full.
TEST(Assignment, HoldsOverRandomRosters) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const bool round_robin = round % 2 == 0;
    Roster roster;
    const int people = 1 + static_cast<int>(random() % 8);
    std::int64_t places = 0;
    for (int i = 0; i < people; ++i) {
      Seat seat =
          NewSeat(static_cast<std::uint64_t>(i + 1), kNorthPath, static_cast<std::int64_t>(random() % 6));
      if (random() % 4 == 0) seat.state = random() % 2 ? EmployeeState::kOnLeave : EmployeeState::kTerminated;
      if (seat.state == EmployeeState::kActive) places += seat.capacity;
      roster.Add(seat);
    }
    const std::vector<AssignmentRule> rules = {
        TeamRule(kRoot, kRootPath, kNorth, round_robin ? Strategy::kRoundRobin : Strategy::kLeastLoaded)};
    std::int64_t assigned = 0, waiting = 0;
    for (int lead = 0; lead < 30; ++lead) {
      const Decision decision = Assign(NewLead(), kRootPath, rules, roster, kNow);
      if (decision.outcome == AssignmentOutcome::kWaiting) {
        ++waiting;
        continue;
      }
      const Seat chosen = *roster.Find(decision.chosen_id);
      ASSERT_EQ(chosen.state, EmployeeState::kActive);
      ASSERT_LT(chosen.open_leads, chosen.capacity);
      for (const Seat& other : roster.seats()) {
        if (other.state != EmployeeState::kActive || other.open_leads >= other.capacity) continue;
        if (round_robin) {
          ASSERT_LE(chosen.turn, other.turn);
        } else {
          ASSERT_GE(chosen.capacity - chosen.open_leads, other.capacity - other.open_leads);
        }
      }
      roster.Take(decision.chosen_id, kNow);
      ++assigned;
    }
    ASSERT_EQ(assigned, std::min<std::int64_t>(30, places));
    ASSERT_EQ(assigned + waiting, 30);
  }
}

}  // namespace
}  // namespace crm::customer
