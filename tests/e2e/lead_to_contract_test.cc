// The main job, end to end: a file of leads becomes customers, opportunities, a contract and collected money,
// and the manager's numbers come out of what really happened. Five real processes, PostgreSQL and Redis; the
// rep works over gRPC, the office through the gateway too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "common/testing/concurrent.h"
#include "crm/analytics/v1/analytics_service.grpc.pb.h"
#include "crm/contract/v1/contract_service.grpc.pb.h"
#include "crm/contract/v1/credit_service.grpc.pb.h"
#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "crm/customer/v1/import_service.grpc.pb.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
#include "crm/directory/v1/directory_service.grpc.pb.h"
#include "crm/opportunity/v1/activity_service.grpc.pb.h"
#include "crm/opportunity/v1/notification_service.grpc.pb.h"
#include "crm/opportunity/v1/opportunity_service.grpc.pb.h"
#include "crm/opportunity/v1/product_service.grpc.pb.h"
#include "crm/opportunity/v1/quote_service.grpc.pb.h"
#include "crm/opportunity/v1/sales_process_service.grpc.pb.h"
#include "tests/support/person.h"

namespace crm {
namespace {

using absl::Substitute;
using testing::Person;
using namespace analytics::v1;    // NOLINT: the story reads better without the packages
using namespace contract::v1;     // NOLINT
using namespace customer::v1;     // NOLINT
using namespace directory::v1;    // NOLINT
using namespace opportunity::v1;  // NOLINT

// What is said, as text protos.

constexpr char kUnit[] = R"(org_unit { name: "华东分公司 East" kind: ORG_UNIT_KIND_HEADQUARTERS })";

constexpr const char* kReps[] = {
    R"(employee { name: "王芳" login: "wang.fang" org_unit_id: "$0" capacity: 50 time_zone: "Asia/Shanghai"
       roles: "sales-rep" roles: "trainer" })",
    R"(employee { name: "Ada Reyes" login: "ada.reyes" org_unit_id: "$0" capacity: 50 time_zone: "Europe/Berlin"
       roles: "sales-rep" roles: "trainer" })"};

constexpr char kRule[] = R"(assignment_rule {
  name: "in turn" org_unit_id: "$0" team_org_unit_id: "$0" enabled: true phase: ASSIGNMENT_PHASE_$1
  strategy: ASSIGNMENT_STRATEGY_ROUND_ROBIN follow_up_minutes: 480 })";

constexpr char kProcess[] = R"(sales_process {
  key: "standard" name: "标准流程"
  stages { key: "qualified" display_name: "Qualified" probability_percent: 20 expected_days: 7 maximum_days: 30
           forecast_category: FORECAST_CATEGORY_PIPELINE }
  stages { key: "proposal" display_name: "Proposal" probability_percent: 50 expected_days: 7 maximum_days: 30
           forecast_category: FORECAST_CATEGORY_BEST_CASE gates { required_field: "amount" } }
  stages { key: "negotiation" display_name: "Negotiation" probability_percent: 80 expected_days: 7 maximum_days: 30
           forecast_category: FORECAST_CATEGORY_COMMIT } })";

constexpr char kProduct[] = R"(product {
  sku: "GX-1" name: "关系服务" list_price { currency_code: "CNY" minor_units: 1000001 } })";

constexpr char kFile[] =
    "公司,联系人,电话,邮箱,来源,备注\r\n"
    "上海远山科技有限公司,李雷,13800138000,li.lei@yuanshan.example,展会,\"想要\n演示\"\r\n"
    "Northwind GmbH,Jo Doe,+49 30 901820,jo@northwind.example,web,\r\n"
    ",,,not-an-address,web,\r\n";

constexpr char kPlannedVisit[] = R"(activity {
  kind: ACTIVITY_KIND_VISIT subject_type: ACTIVITY_SUBJECT_LEAD subject_id: "$0" title: "参观工厂"
  local_time: "2035-03-05T09:30:00" time_zone: "Asia/Shanghai" })";

constexpr char kVisit[] = R"(interaction {
  lead_id: "$0" kind: INTERACTION_KIND_VISIT subject: "参观工厂" met_decision_maker: true })";

constexpr char kJudgement[] = R"(id: "$0" outcome: QUALIFICATION_OUTCOME_$1 grade: "A" request_id: "once")";

constexpr char kMove[] = R"(id: "$0" stage: "$1")";

constexpr char kAmount[] = R"(
  opportunity { id: "$0" amount { currency_code: "CNY" minor_units: 1000001 } } update_mask { paths: "amount" })";

constexpr char kQuote[] = R"(quote {
  opportunity_id: "$0" name: "报价一" currency_code: "CNY" valid_until_date: "2035-12-31"
  lines { product_id: "$1" quantity: 1 }
  payment_terms { basis_points: 3334 due_days: 0 description: "签约" }
  payment_terms { basis_points: 3333 due_days: 30 description: "交付" }
  payment_terms { basis_points: 3333 due_days: 60 description: "验收" } })";

constexpr char kAccount[] = R"(customer_id: "$0" currency_code: "CNY")";

constexpr char kPayment[] = R"(contract_id: "$0" amount { currency_code: "$1" minor_units: $2 })";

// The story.

class LeadToContract : public ::testing::Test {
 protected:
  void AnEnterpriseWithTwoReps();
  void AFileOfLeadsIsImported();
  void EachLeadGoesToOnePersonWhoIsNotified();
  void TheRepPlansVisitsAndQualifies();
  void TheLeadBecomesACustomerAndAnOpportunity();
  void TheOpportunityPassesItsGates();
  void AQuoteIsAccepted();
  void TheContractPassesItsCreditCheck();
  void TheInstalmentsArePaidToTheCent();
  void TheManagerSeesWhatHappened();
  void NothingIsLostAndNothingHappenedTwice();

  bool IsNotified(const Person& person, const std::string& kind, const std::string& subject);

  testing::Suite suite_;
  Person office_{suite_, Uuid::New()};
  std::map<std::string, std::unique_ptr<Person>> reps_;  // by employee id

  std::string unit_, product_, import_, lead_, first_decision_, owner_, customer_, opportunity_, quote_,
      contract_;
  const Person& rep() const { return *reps_.at(owner_); }
};

TEST_F(LeadToContract, TheWholeStory) {
  AnEnterpriseWithTwoReps();
  AFileOfLeadsIsImported();
  EachLeadGoesToOnePersonWhoIsNotified();
  TheRepPlansVisitsAndQualifies();
  TheLeadBecomesACustomerAndAnOpportunity();
  TheOpportunityPassesItsGates();
  AQuoteIsAccepted();
  TheContractPassesItsCreditCheck();
  TheInstalmentsArePaidToTheCent();
  TheManagerSeesWhatHappened();
  NothingIsLostAndNothingHappenedTwice();
}

void LeadToContract::AnEnterpriseWithTwoReps() {
  const auto unit = office_.Asks(&DirectoryService::Stub::CreateOrgUnit, kUnit);
  unit_ = unit.org_unit().id();
  for (const char* rep : kReps) {
    const auto employee = office_.Asks(&DirectoryService::Stub::CreateEmployee, rep, unit_).employee();
    ASSERT_TRUE(Uuid::Parse(employee.id())) << "nobody can be assigned anything";
    reps_[employee.id()] = std::make_unique<Person>(suite_, *Uuid::Parse(employee.id()));
  }
  const auto people = office_.Asks(&DirectoryService::Stub::ListEmployees, "");
  EXPECT_EQ(people.employees_size(), 2);
  for (const auto& listed : people.employees()) {
    const auto known =
        office_.Asks(&DirectoryService::Stub::GetEmployee, R"(id: "$0")", listed.id()).employee();
    EXPECT_EQ(known.state(), EMPLOYEE_STATE_ACTIVE);
    EXPECT_EQ(known.capacity(), 50);
    EXPECT_THAT(known.roles(), ::testing::ElementsAre("sales-rep", "trainer"));
    EXPECT_EQ(known.SerializeAsString(), listed.SerializeAsString());
  }
  for (const char* phase : {"UNJUDGED", "SALES"})
    office_.Asks(&LeadService::Stub::CreateAssignmentRule, kRule, unit_, phase);
  office_.Asks(&SalesProcessService::Stub::CreateSalesProcess, kProcess);
  const auto product = office_.Asks(&ProductService::Stub::CreateProduct, kProduct);
  product_ = product.product().id();
}

void LeadToContract::AFileOfLeadsIsImported() {
  const std::string path = Substitute("/v1/imports/leads?request_id=$0&name=fair.csv&org_unit_id=$1",
                                      Uuid::New().ToString(), unit_);
  const auto done = office_.Uploads<ImportLeadsResponse>(path, kFile).import();
  EXPECT_EQ(done.rows_imported(), 2);
  EXPECT_EQ(done.rows_rejected(), 1);
  const auto rejects =
      office_.Gets<ListImportRejectsResponse>("/v1/imports/" + done.id() + "/rejects").rejects();
  ASSERT_EQ(rejects.size(), 1);
  EXPECT_EQ(rejects[0].line(), 5) << "quoted newlines count as lines of the file";
  import_ = done.id();

  const auto again = office_.Uploads<ImportLeadsResponse>(path, kFile).import();
  EXPECT_EQ(again.id(), import_) << "the same upload again is the same import";
}

void LeadToContract::EachLeadGoesToOnePersonWhoIsNotified() {
  const auto all_assigned = [](const ListLeadsResponse& page) {
    return page.leads_size() == 2 && page.leads(0).state() == LEAD_STATE_ASSIGNED &&
           page.leads(1).state() == LEAD_STATE_ASSIGNED;
  };
  const auto assigned =
      office_.Awaits(&LeadService::Stub::ListLeads, Substitute(R"(import_id: "$0")", import_), all_assigned);
  std::set<std::string> owners;
  for (const Lead& lead : assigned.leads()) {
    owners.insert(lead.owner_id());
    EXPECT_TRUE(lead.has_follow_up_due_time());
    if (lead.contact_name() == "李雷") lead_ = lead.id(), owner_ = lead.owner_id();
  }
  EXPECT_EQ(owners.size(), 2u) << "in turn: one each";
  ASSERT_TRUE(reps_.contains(owner_));

  const std::string path = "/v1/leads/" + lead_ + "/assignment-decision";
  const auto decision = office_.Gets<GetAssignmentDecisionResponse>(path).decision();
  EXPECT_EQ(decision.assignee_id(), owner_);
  EXPECT_EQ(decision.candidates_size(), 2) << "who was considered stays readable";
  first_decision_ = decision.id();
  EXPECT_TRUE(IsNotified(rep(), "lead_assigned", lead_));
}

void LeadToContract::TheRepPlansVisitsAndQualifies() {
  rep().Asks(&ActivityService::Stub::ScheduleActivity, kPlannedVisit, lead_);
  // The plan's event has reached the lead: its deadline is met.
  const auto worked = [](const GetLeadResponse& answer) {
    return answer.lead().state() == LEAD_STATE_WORKING;
  };
  rep().Awaits(&LeadService::Stub::GetLead, Substitute(R"(id: "$0")", lead_), worked);
  rep().Asks(&CustomerService::Stub::LogInteraction, kVisit, lead_);

  const auto qualified = rep().Asks(&LeadService::Stub::QualifyLead, kJudgement, lead_, "OPPORTUNITY");
  const auto repeated = rep().Asks(&LeadService::Stub::QualifyLead, kJudgement, lead_, "OPPORTUNITY");
  EXPECT_EQ(qualified.SerializeAsString(), repeated.SerializeAsString())
      << "one request_id, one effect, one answer";
  EXPECT_EQ(rep().IsRefused(&LeadService::Stub::QualifyLead, kJudgement, lead_, "POTENTIAL"),
            "REQUEST_ID_REUSED");

  // The rules for sales decide anew who gets it from here on.
  const auto decided = office_.Awaits(
      &LeadService::Stub::GetAssignmentDecision, Substitute(R"(lead_id: "$0")", lead_),
      [&](const GetAssignmentDecisionResponse& answer) { return answer.decision().id() != first_decision_; });
  owner_ = decided.decision().assignee_id();
  ASSERT_TRUE(reps_.contains(owner_));
}

void LeadToContract::TheLeadBecomesACustomerAndAnOpportunity() {
  const auto converted =
      rep().Asks(&LeadService::Stub::ConvertLead, R"(id: "$0" opportunity_name: "远山 2035")", lead_);
  customer_ = converted.customer_id();
  opportunity_ = converted.opportunity_id();
  const auto made =
      rep().Awaits(&OpportunityService::Stub::GetOpportunity, Substitute(R"(id: "$0")", opportunity_),
                   [](const GetOpportunityResponse& answer) { return answer.has_opportunity(); });
  EXPECT_EQ(made.opportunity().customer_id(), customer_);
  EXPECT_EQ(made.opportunity().lead_id(), lead_);
  EXPECT_EQ(made.opportunity().stage(), "qualified");
}

void LeadToContract::TheOpportunityPassesItsGates() {
  rep().Asks(&OpportunityService::Stub::MoveStage, kMove, opportunity_, "proposal");
  EXPECT_EQ(rep().IsRefused(&OpportunityService::Stub::MoveStage, kMove, opportunity_, "negotiation"),
            "MISSING_GATES");
  rep().Asks(&OpportunityService::Stub::UpdateOpportunity, kAmount, opportunity_);
  const auto moved = rep().Asks(&OpportunityService::Stub::MoveStage, kMove, opportunity_, "negotiation");
  EXPECT_EQ(moved.opportunity().stage(), "negotiation");
}

void LeadToContract::AQuoteIsAccepted() {
  quote_ = rep().Asks(&QuoteService::Stub::CreateQuote, kQuote, opportunity_, product_).quote().id();
  const std::string path = "/v1/quotes/" + quote_;
  office_.Posts<SubmitQuoteRequest, SubmitQuoteResponse>(path + ":submit", "");
  const auto accepted =
      office_.Posts<AcceptQuoteRequest, AcceptQuoteResponse>(path + ":accept", R"(reason: "best fit")");
  EXPECT_EQ(accepted.quote().total().minor_units(), 1000001);
  const auto won = rep().Asks(&OpportunityService::Stub::GetOpportunity, R"(id: "$0")", opportunity_);
  EXPECT_EQ(won.opportunity().status(), OPPORTUNITY_STATUS_WON);
}

void LeadToContract::TheContractPassesItsCreditCheck() {
  const auto drafted =
      office_.Awaits(&ContractService::Stub::ListContracts, Substitute(R"(quote_id: "$0")", quote_),
                     [](const ListContractsResponse& page) { return page.contracts_size() > 0; });
  ASSERT_EQ(drafted.contracts_size(), 1) << "once per quote";
  EXPECT_EQ(drafted.contracts(0).state(), CONTRACT_STATE_DRAFT);
  contract_ = drafted.contracts(0).id();

  const auto activate = [&] {
    return office_.Asks(&ContractService::Stub::ActivateContract, R"(contract_id: "$0")", contract_)
        .contract();
  };
  const Contract held = activate();
  EXPECT_EQ(held.state(), CONTRACT_STATE_PENDING_CREDIT) << "nobody has given this customer credit";
  EXPECT_EQ(held.credit_hold().excess().minor_units(), 1000001);

  office_.Posts<SetCreditLimitRequest, SetCreditLimitResponse>(
      "/v1/customers/" + customer_ + "/credit-accounts/CNY:setLimit",
      R"(limit { currency_code: "CNY" minor_units: 5000000 })");
  const Contract active = activate();
  EXPECT_EQ(active.state(), CONTRACT_STATE_ACTIVE);
  ASSERT_EQ(active.instalments_size(), 3);
  EXPECT_EQ(active.instalments(0).amount().minor_units(), 333401) << "33.34 %, and the odd fen";
  EXPECT_EQ(active.instalments(1).amount().minor_units(), 333300);
  EXPECT_EQ(active.instalments(2).amount().minor_units(), 333300);

  // The first one is due today: its job tells the owner, and what is due is receivable.
  EXPECT_TRUE(IsNotified(rep(), "instalment_due", contract_));
  const auto account = office_.Asks(&CreditService::Stub::GetCreditAccount, kAccount, customer_).account();
  EXPECT_EQ(account.receivable().minor_units(), 333401);
  EXPECT_EQ(account.uninvoiced().minor_units(), 666600);
  EXPECT_EQ(account.available().minor_units(), 5000000 - 1000001);

  // The day passes.
  suite_.Sql(Substitute(R"(
    UPDATE guanxi_contract_credit.instalment SET due_date = due_date - 1 WHERE contract_id = '$0' AND number = 1;
    UPDATE guanxi_contract_credit.job SET due_time = now() WHERE dedupe_key = 'instalment_overdue/$0/1')",
                        contract_));
  EXPECT_TRUE(IsNotified(rep(), "instalment_overdue", contract_));
}

void LeadToContract::TheInstalmentsArePaidToTheCent() {
  const auto first = office_.Posts<RecordPaymentRequest, RecordPaymentResponse>(
      "/v1/contracts/" + contract_ + "/payments",
      R"(amount { currency_code: "CNY" minor_units: 400000 } reference: "ICBC 2035-118")");
  ASSERT_EQ(first.payment().allocations_size(), 2) << "the oldest first, the rest ahead of time";
  EXPECT_EQ(first.payment().allocations(1).amount().minor_units(), 66599);
  EXPECT_EQ(office_.IsRefused(&ContractService::Stub::RecordPayment, kPayment, contract_, "EUR", 1),
            "INVALID_FIELDS");

  // What is owed shows in the manager's ageing before the rest is paid.
  const auto owed = office_.Awaits(
      &AnalyticsService::Stub::GetReceivablesAgeing, "", [](const GetReceivablesAgeingResponse& answer) {
        return answer.rows_size() == 1 && answer.rows(0).total().minor_units() == 600001;
      });
  EXPECT_EQ(owed.rows(0).current().minor_units(), 600001);

  office_.Asks(&ContractService::Stub::RecordPayment, kPayment, contract_, "CNY", 600001);
  const auto paid = office_.Gets<GetContractResponse>("/v1/contracts/" + contract_).contract();
  EXPECT_EQ(paid.state(), CONTRACT_STATE_COMPLETED);
  EXPECT_EQ(paid.outstanding().minor_units(), 0);
}

void LeadToContract::TheManagerSeesWhatHappened() {
  const auto one_is_won = [](const GetFunnelResponse& funnel) {
    return std::count_if(funnel.rows().begin(), funnel.rows().end(), [](const FunnelRow& row) {
             return row.status() == "WON" && row.opportunities() == 1 &&
                    row.amount().minor_units() == 1000001;
           }) == 1;
  };
  office_.Awaits(&AnalyticsService::Stub::GetFunnel, "", one_is_won);
  EXPECT_TRUE(one_is_won(office_.Gets<GetFunnelResponse>("/v1/analytics/funnel")))
      << "the same through the gateway";
  office_.Awaits(&CustomerService::Stub::GetCustomer, Substitute(R"(id: "$0")", customer_),
                 [](const GetCustomerResponse& answer) {
                   return answer.customer().lifecycle() == CUSTOMER_LIFECYCLE_ORDERING;
                 });
}

void LeadToContract::NothingIsLostAndNothingHappenedTwice() {
  const auto count = [&](const std::string& rows) {
    return suite_.Sql("SELECT count(*) FROM " + rows).at(0);
  };
  std::ostringstream backlog_sql;
  backlog_sql << std::ifstream(CRM_BACKLOG_SQL).rdbuf();
  for (const std::string& service : testing::Suite::Services()) {
    SCOPED_TRACE(service);
    const std::string schema = "guanxi_" + service;
    // What ./crm status asks: jobs due, seconds since the oldest event not applied, dead letters and jobs.
    const std::string backlog = absl::StrReplaceAll(backlog_sql.str(), {{":schema", schema}});
    EXPECT_TRUE(testing::Eventually([&] { return suite_.Sql(backlog).at(0) == "0|0|0"; }))
        << suite_.Sql(backlog).at(0);
    EXPECT_EQ(count("(SELECT FROM " + schema +
                    ".outbox GROUP BY aggregate_id HAVING count(*) <> max(aggregate_seq)) g"),
              "0");
  }
  EXPECT_EQ(count("guanxi_customer.lead"), "2");
  EXPECT_EQ(count("guanxi_opportunity.opportunity"), "1");
  EXPECT_EQ(count("guanxi_contract_credit.contract"), "1");
  EXPECT_EQ(count("guanxi_contract_credit.credit_account WHERE receivable_minor + uninvoiced_minor <> 0"),
            "0");
  EXPECT_THAT(
      suite_.Sql(
          Substitute("SELECT kind FROM guanxi_opportunity.notification WHERE subject_id = '$0' ORDER BY kind",
                     contract_)),
      ::testing::ElementsAre("contract_drafted", "credit_held", "instalment_due", "instalment_overdue"))
      << "each told once, to one owner";
}

bool LeadToContract::IsNotified(const Person& person, const std::string& kind, const std::string& subject) {
  const auto tells = [&](const ListNotificationsResponse& page) {
    return std::any_of(
        page.notifications().begin(), page.notifications().end(),
        [&](const Notification& one) { return one.kind() == kind && one.subject_id() == subject; });
  };
  return tells(person.Awaits(&NotificationService::Stub::ListNotifications, "", tells));
}

}  // namespace
}  // namespace crm
