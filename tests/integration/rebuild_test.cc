#include <cstdlib>

#include "common/testing/concurrent.h"
#include "crm/analytics/v1/analytics_service.grpc.pb.h"
#include "crm/contract/v1/contract_service.grpc.pb.h"
#include "crm/contract/v1/credit_service.grpc.pb.h"
#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
#include "crm/opportunity/v1/opportunity_service.grpc.pb.h"
#include "crm/opportunity/v1/product_service.grpc.pb.h"
#include "crm/opportunity/v1/quote_service.grpc.pb.h"
#include "tests/support/person.h"

namespace crm {
namespace {

using namespace analytics::v1;    // NOLINT
using namespace contract::v1;     // NOLINT
using namespace customer::v1;     // NOLINT
using namespace opportunity::v1;  // NOLINT

constexpr char kCustomer[] = R"(customer { name: "远山科技" time_zone: "Asia/Shanghai" })";
constexpr char kContact[] = R"(contact { customer_id: "$0" name: "李雷" })";
constexpr char kProduct[] = R"(product {
  sku: "GX-1" name: "关系服务" list_price { currency_code: "CNY" minor_units: 10001 } })";
constexpr char kDeal[] = R"(opportunity {
  customer_id: "$0" name: "Line $1" need: "a pump" expected_close_date: "2035-01-01"
  amount { currency_code: "CNY" minor_units: 10001 } contacts { contact_id: "$2" role: "DECISION_MAKER" } })";
constexpr char kQuote[] = R"(quote {
  opportunity_id: "$0" currency_code: "CNY" valid_until_date: "2035-12-31" lines { product_id: "$1" quantity: 1 } })";
constexpr char kLimit[] = R"(customer_id: "$0" limit { currency_code: "CNY" minor_units: 100000 })";
constexpr char kPayment[] = R"(contract_id: "$0" amount { currency_code: "CNY" minor_units: 4000 })";

// The suite as it is installed: analytics' role owns none of its tables.
class RebuildTest : public ::testing::Test {
 protected:
  void SomethingHappens();
  // Until every event of the others has been counted.
  void AwaitCounted() {
    EXPECT_TRUE(testing::Eventually([&] {
      return suite_.Sql(
                 "SELECT (SELECT count(*) FROM guanxi_analytics.inbox) ="
                 " (SELECT count(*) FROM guanxi_customer.outbox)"
                 " + (SELECT count(*) FROM guanxi_opportunity.outbox)"
                 " + (SELECT count(*) FROM guanxi_contract_credit.outbox)")[0] == "t";
    }));
  }
  std::string Numbers() const {
    return office_.Asks(&AnalyticsService::Stub::GetFunnel, "").DebugString() +
           office_.Asks(&AnalyticsService::Stub::GetConversion, "").DebugString() +
           office_.Asks(&AnalyticsService::Stub::GetLeadConversion, "").DebugString() +
           office_.Asks(&AnalyticsService::Stub::GetReceivablesAgeing, "").DebugString();
  }

  testing::Suite suite_;
  testing::Person office_{suite_, Uuid::New()};
};

// Leads, a deal that is won and half paid, and one that is lost.
void RebuildTest::SomethingHappens() {
  for (int i = 0; i < 10; ++i)
    office_.Asks(&LeadService::Stub::CaptureLead, R"(lead { company: "中兴 $0" source: "web" })", i);
  const auto customer = office_.Asks(&CustomerService::Stub::CreateCustomer, kCustomer).customer().id();
  const auto contact = office_.Asks(&CustomerService::Stub::CreateContact, kContact, customer).contact().id();
  const auto product = office_.Asks(&ProductService::Stub::CreateProduct, kProduct).product().id();
  const auto deal = [&](int number) {
    return office_.Asks(&OpportunityService::Stub::CreateOpportunity, kDeal, customer, number, contact)
        .opportunity()
        .id();
  };
  office_.Asks(&OpportunityService::Stub::LoseOpportunity, R"(id: "$0" reason: "price")", deal(1));
  const auto quote = office_.Asks(&QuoteService::Stub::CreateQuote, kQuote, deal(2), product).quote().id();
  // As if the quote's event had come before the customer's: the contract service has to ask.
  EXPECT_TRUE(testing::Eventually(
      [&] { return suite_.Sql("SELECT count(*) FROM guanxi_contract_credit.customer")[0] == "1"; }));
  suite_.Sql("DELETE FROM guanxi_contract_credit.customer");
  office_.Asks(&QuoteService::Stub::SubmitQuote, R"(id: "$0")", quote);
  office_.Asks(&QuoteService::Stub::AcceptQuote, R"(id: "$0")", quote);
  const auto drafted =
      office_.Awaits(&ContractService::Stub::ListContracts, absl::Substitute(R"(quote_id: "$0")", quote),
                     [](const ListContractsResponse& page) { return page.contracts_size() == 1; });
  ASSERT_EQ(drafted.contracts_size(), 1);
  EXPECT_EQ(drafted.contracts(0).time_zone(), "Asia/Shanghai");
  office_.Asks(&CreditService::Stub::SetCreditLimit, kLimit, customer);
  office_.Asks(&ContractService::Stub::ActivateContract, R"(contract_id: "$0")", drafted.contracts(0).id());
  office_.Asks(&ContractService::Stub::RecordPayment, kPayment, drafted.contracts(0).id());
}

TEST_F(RebuildTest, CountsTheSameAgain) {
  ASSERT_NO_FATAL_FAILURE(SomethingHappens());
  AwaitCounted();
  const std::string live = Numbers();
  EXPECT_EQ(office_.Asks(&AnalyticsService::Stub::GetReceivablesAgeing, "").rows(0).total().minor_units(),
            6001);
  suite_.Sql("UPDATE guanxi_analytics.funnel_now SET opportunities = opportunities + 1");
  EXPECT_NE(Numbers(), live);

  suite_.Kill("analytics", SIGTERM);
  setenv("GUANXI_REBUILD", "true", 1);
  suite_.Start("analytics");
  unsetenv("GUANXI_REBUILD");
  suite_.WaitUntilServing();
  AwaitCounted();
  EXPECT_EQ(Numbers(), live);
  EXPECT_EQ(suite_.Sql("SELECT count(*) FROM guanxi_analytics.dead_letter")[0], "0");
}

}  // namespace
}  // namespace crm
