#include "services/customer/app/convert_lead.h"

#include "services/customer/app/customer_fixture.h"
#include "services/customer/app/get_customer.h"
#include "services/customer/app/log_interaction.h"
#include "services/customer/app/qualify_lead.h"
#include "services/customer/app/timeline.h"

namespace crm::customer {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using testing::IsOk;
using ::testing::SizeIs;

class ConvertLeadTest : public CustomerFixture {
 protected:
  QualifyLead Judge(const Uuid& id, LeadVerdict outcome = LeadVerdict::kOpportunity) {
    return {id, std::nullopt, {outcome, "A", "有预算"}};
  }
  ConvertLead Convert(const Uuid& id, const Uuid& customer_id = Uuid()) {
    ConvertLead command;
    command.id = id;
    command.customer_id = customer_id;
    command.amount = Money{"CNY", 10'000'00};
    command.expected_close_date = "2027-03-31";
    return command;
  }
  Uuid QualifiedLead(const std::string& company, const std::string& contact = "") {
    const Uuid id = OwnedLead(owner_, company, contact);
    EXPECT_THAT(QualifyLeads(work_, {Ask(Judge(id))})[0], IsOk());
    return id;
  }
  std::string OpenLeads() { return One("SELECT open_leads FROM workload"); }

  const Uuid owner_ = Uuid::New();
};

TEST_F(ConvertLeadTest, AQualifiedLeadGoesBackToTheRulesForSales) {
  const Uuid id = QualifiedLead("华为");
  EXPECT_EQ(One("SELECT verdict || '/' || grade FROM lead"), "OPPORTUNITY/A");
  EXPECT_EQ(One("SELECT kind || '/' || queue || '/' || (subject_id = '" + id.ToString() + "') FROM job"),
            "assign_lead/lead-assignment/true");
  EXPECT_THAT(QualifyLeads(work_, {Ask(Judge(id))})[0], HasReason("LEAD_ALREADY_QUALIFIED"));
}

TEST_F(ConvertLeadTest, APotentialLeadIsNurtured) {
  const Uuid id = OwnedLead(owner_, "华为");
  ASSERT_THAT(QualifyLeads(work_, {Ask(Judge(id, LeadVerdict::kPotential))})[0], IsOk());
  EXPECT_EQ(One("SELECT state || '/' || verdict FROM lead"), "NURTURING/POTENTIAL");
  EXPECT_THAT(Sql("SELECT type FROM outbox ORDER BY aggregate_seq"),
              ElementsAre("LeadQualified", "LeadNurtured"));
  EXPECT_EQ(One("SELECT count(*) FROM job WHERE kind = 'assign_lead'"), "1");
  EXPECT_THAT(ConvertLeads(work_, {Ask(Convert(id))})[0], HasReason("LEAD_NOT_QUALIFIED"));
  EXPECT_THAT(QualifyLeads(work_, {Ask(Judge(id))})[0], IsOk()) << "judged again, upwards";
}

TEST_F(ConvertLeadTest, ADisqualifiedLeadFreesItsOwnersPlace) {
  const Uuid id = OwnedLead(owner_, "华为");
  EXPECT_EQ(OpenLeads(), "1");
  const DisqualifyLead command{id, std::nullopt, {"NO_BUDGET", "明年再说"}};
  ASSERT_THAT(DisqualifyLeads(work_, {Ask(command)})[0], IsOk());
  EXPECT_EQ(OpenLeads(), "0");
  EXPECT_EQ(One("SELECT state || '/' || disqualify_reason FROM lead"), "DISQUALIFIED/NO_BUDGET");
  EXPECT_THAT(DisqualifyLeads(work_, {Ask(command)})[0], HasReason("LEAD_NOT_OPEN"));
  EXPECT_EQ(OpenLeads(), "0") << "a place is given back once";
}

TEST_F(ConvertLeadTest, AConversionMakesCustomerContactAndOpportunityId) {
  const Uuid id = QualifiedLead("华为技术有限公司", "任正非");
  const auto outcome = ConvertLeads(work_, {Ask(Convert(id))})[0];
  ASSERT_THAT(outcome, IsOk());
  const Uuid customer_id = *Uuid::Parse(outcome->substr(0, 36));

  const Customer customer = *GetCustomers(pool_, {Ask(GetCustomer{customer_id})})[0];
  EXPECT_EQ(customer.profile.name, "华为技术有限公司");
  EXPECT_EQ(customer.profile.grade, Grade::kA);
  EXPECT_EQ(customer.lead_id, id);
  EXPECT_EQ(customer.owner_id, owner_);
  EXPECT_EQ(customer.lifecycle, Lifecycle::kOpportunity);
  EXPECT_EQ(One("SELECT customer_id || '/' || name FROM contact"), customer_id.ToString() + "/任正非");
  EXPECT_EQ(One("SELECT state || '/' || customer_id || '/' || opportunity_id FROM lead"),
            "CONVERTED/" + customer_id.ToString() + "/" + outcome->substr(74));
  EXPECT_THAT(Sql("SELECT type FROM outbox WHERE aggregate_type <> 'lead' ORDER BY id"),
              ElementsAre("CustomerCreated", "CustomerLifecycleChanged", "ContactChanged"));
  EXPECT_EQ(OpenLeads(), "0");
  EXPECT_THAT(ConvertLeads(work_, {Ask(Convert(id))})[0], HasReason("LEAD_NOT_OPEN"));
}

TEST_F(ConvertLeadTest, APhoneOrAnEmailWithoutANameBecomesAContactCalledLikeTheCompany) {
  const Uuid id = QualifiedLead("华为技术有限公司");
  Sql("UPDATE lead SET phone = '+8613800138000', email = 'info@example.cn'");
  ASSERT_THAT(ConvertLeads(work_, {Ask(Convert(id))})[0], IsOk());
  EXPECT_EQ(One("SELECT name || '/' || phones[1] || '/' || emails[1] FROM contact"),
            "华为技术有限公司/+8613800138000/info@example.cn");
}

TEST_F(ConvertLeadTest, TwoLeadsOfOneBatchLinkToOneCustomer) {
  const Uuid customer_id = Create("华为");
  const Uuid a = QualifiedLead("华为"), b = QualifiedLead("华为终端");
  for (const auto& outcome :
       ConvertLeads(work_, {Ask(Convert(a, customer_id)), Ask(Convert(b, customer_id))}))
    EXPECT_THAT(outcome, IsOk());
  EXPECT_EQ(One("SELECT count(*) FROM customer"), "1");
  EXPECT_EQ(One("SELECT count(*) FROM customer_lifecycle_move WHERE cause = 'LeadQualified'"), "1");
  EXPECT_EQ(One("SELECT count(DISTINCT opportunity_id) FROM lead"), "2");
  EXPECT_THAT(ConvertLeads(work_, {Ask(Convert(QualifiedLead("中兴"), Uuid::New()))})[0],
              HasReason("CUSTOMER_NOT_FOUND"));
}

TEST_F(ConvertLeadTest, TheCustomersTimelineHasWhatHappenedWithTheLead) {
  const Uuid lead_id = QualifiedLead("华为");
  LogInteraction call;
  call.interaction.subject_kind = SubjectKind::kLead;
  call.interaction.subject_id = lead_id;
  call.interaction.subject = "首次电话";
  ASSERT_THAT(LogInteractions(work_, {Ask(call)})[0], IsOk());
  const Uuid customer_id = *Uuid::Parse(ConvertLeads(work_, {Ask(Convert(lead_id))})[0]->substr(0, 36));
  EXPECT_THAT(*TimelineOf(pool_, Ask(ListTimeline{customer_id, {}, 10})), SizeIs(3))
      << "two moves and the call";
}

TEST_F(ConvertLeadTest, SetsTakeAsManyStatementsAsOneCommand) {
  const auto count = [&](auto run, auto command_of) {
    const auto with = [&](int n, const std::string& salt) {
      std::vector<work::Request<decltype(command_of(Uuid()))>> requests;
      for (int i = 0; i < n; ++i)
        requests.push_back(Ask(command_of(OwnedLead(owner_, "公司 " + salt + std::to_string(i), "联系人"))));
      if constexpr (std::is_same_v<decltype(command_of(Uuid())), ConvertLead>)
        for (auto& request : requests) QualifyLeads(work_, {Ask(Judge(request.command.id))});
      return RoundTripsOf([&] {
        for (const auto& outcome : run(work_, requests)) ASSERT_THAT(outcome, IsOk());
      });
    };
    with(1, "a");
    EXPECT_EQ(with(1, "b"), with(64, "c"));
  };
  count(&QualifyLeads, [&](Uuid id) { return Judge(id); });
  count(&DisqualifyLeads, [](Uuid id) { return DisqualifyLead{id, std::nullopt, {"NO_BUDGET", ""}}; });
  count(&ConvertLeads, [&](Uuid id) { return Convert(id); });
}

}  // namespace
}  // namespace crm::customer
