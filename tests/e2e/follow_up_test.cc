// The follow-up deadline, whole: its jobs, the question to the opportunity service whether anything is
// planned, and who is told. Real processes; only the clock is helped along.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/substitute.h"
#include "common/testing/concurrent.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
#include "crm/directory/v1/directory_service.grpc.pb.h"
#include "crm/opportunity/v1/activity_service.grpc.pb.h"
#include "tests/support/person.h"

namespace crm {
namespace {

using absl::Substitute;
using testing::Person;
using namespace customer::v1;     // NOLINT: the story reads better without the packages
using namespace directory::v1;    // NOLINT
using namespace opportunity::v1;  // NOLINT

constexpr char kUnit[] = R"(org_unit { name: "East" kind: ORG_UNIT_KIND_HEADQUARTERS })";

constexpr char kEmployee[] = R"(employee {
  name: "$0" login: "$0" org_unit_id: "$1" manager_id: "$2" capacity: $3 time_zone: "Asia/Shanghai" })";

constexpr char kRule[] = R"(assignment_rule {
  name: "in turn" org_unit_id: "$0" team_org_unit_id: "$0" enabled: true phase: ASSIGNMENT_PHASE_UNJUDGED
  strategy: ASSIGNMENT_STRATEGY_ROUND_ROBIN follow_up_minutes: 480 reclaim_grace_minutes: 240 })";

constexpr char kLead[] = R"(lead { company: "$0" org_unit_id: "$1" })";

constexpr char kPlannedCall[] = R"(activity {
  kind: ACTIVITY_KIND_CALL subject_type: ACTIVITY_SUBJECT_LEAD subject_id: "$0" title: "First call"
  local_time: "2035-03-05T09:30:00" time_zone: "Asia/Shanghai" })";

class FollowUp : public ::testing::Test {
 protected:
  using Lines = std::vector<std::string>;

  FollowUp() {
    unit_ = office_.Asks(&DirectoryService::Stub::CreateOrgUnit, kUnit).org_unit().id();
    boss_ = Hire("Boss", "", 0);
    rep_ = Hire("Rep", boss_, 5);
    office_.Asks(&LeadService::Stub::CreateAssignmentRule, kRule, unit_);
  }

  std::string Hire(const std::string& name, const std::string& manager_id, int capacity) {
    return office_.Asks(&DirectoryService::Stub::CreateEmployee, kEmployee, name, unit_, manager_id, capacity)
        .employee()
        .id();
  }
  std::string Capture(const std::string& company) {
    return office_.Asks(&LeadService::Stub::CaptureLead, kLead, company, unit_).lead().id();
  }

  // The owner plans a call, and the lead hears of it without effect: what is planned is left to be asked for.
  void PlanUnheard(const std::string& lead) {
    const auto set_start = [&](const char* to) {
      suite_.Sql(
          Substitute("UPDATE guanxi_customer.lead SET follow_up_start = $0 WHERE id = '$1'", to, lead));
    };
    set_start("follow_up_due");  // a plan from before the start does not count
    const auto call =
        Person(suite_, *Uuid::Parse(rep_)).Asks(&ActivityService::Stub::ScheduleActivity, kPlannedCall, lead);
    const std::string heard =
        Substitute("SELECT FROM guanxi_customer.inbox WHERE aggregate_id = '$0'", call.activity().id());
    ASSERT_TRUE(testing::Eventually([&] { return !suite_.Sql(heard).empty(); }));
    set_start("create_time");
  }

  // It is time for the next step of every deadline.
  void StepsAreDue() {
    suite_.Sql("UPDATE guanxi_customer.job SET due_time = now() WHERE kind = 'lead_follow_up'");
  }

  // Who was told what, in its order: "Rep lead_assigned".
  Lines Told(const std::string& lead) const {
    return suite_.Sql(Substitute(R"(
        SELECT concat_ws(' ', e.name, n.kind, substring(n.title FROM '[0-9]+ %'))
          FROM guanxi_opportunity.notification AS n JOIN guanxi_customer.employee AS e ON e.id = n.owner_id
         WHERE n.subject_id = '$0' ORDER BY n.occurred_time, e.name)",
                                 lead));
  }
  // Waits until exactly that was told.
  void AwaitTold(const std::string& lead, const Lines& lines) const {
    testing::Eventually([&] { return Told(lead) == lines; });
    ASSERT_EQ(Told(lead), lines);
  }

  testing::Suite suite_;
  Person office_{suite_, Uuid::New()};
  std::string unit_, boss_, rep_;
};

TEST_F(FollowUp, WhatIsLeftAloneGoesToSomebodyElseAndWhatIsPlannedStays) {
  const std::string alone = Capture("Acme"), planned = Capture("Globex");
  Lines told = {"Rep lead_assigned"};
  for (const std::string& lead : {alone, planned}) AwaitTold(lead, told);
  PlanUnheard(planned);

  for (const char* reminder : {"Rep follow_up_due 50 %", "Rep follow_up_due 80 %"}) {
    StepsAreDue();
    told.emplace_back(reminder);
    for (const std::string& lead : {alone, planned}) AwaitTold(lead, told);
  }
  const Lines told_of_planned = told;

  StepsAreDue();
  told.insert(told.end(), {"Boss follow_up_missed", "Rep follow_up_missed"});
  AwaitTold(alone, told);
  const auto kept = office_.Awaits(
      &LeadService::Stub::GetLead, Substitute(R"(id: "$0")", planned),
      [](const GetLeadResponse& answer) { return answer.lead().state() == LEAD_STATE_WORKING; });
  EXPECT_EQ(kept.lead().owner_id(), rep_);

  const std::string other = Hire("Other", boss_, 5);
  StepsAreDue();
  told.insert(told.end(), {"Rep lead_reclaimed", "Other lead_assigned"});
  AwaitTold(alone, told);
  const auto given = office_.Asks(&LeadService::Stub::GetLead, R"(id: "$0")", alone).lead();
  EXPECT_EQ(given.owner_id(), other);
  EXPECT_EQ(given.state(), LEAD_STATE_ASSIGNED);

  EXPECT_EQ(Told(planned), told_of_planned);
  EXPECT_THAT(suite_.Sql("SELECT subject_id FROM guanxi_customer.job WHERE kind = 'lead_follow_up'"),
              ::testing::ElementsAre(alone))
      << "the new owner's deadline, and no other";
}

}  // namespace
}  // namespace crm
