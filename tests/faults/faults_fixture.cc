#include "tests/faults/faults_fixture.h"

#include "absl/strings/substitute.h"
#include "common/testing/concurrent.h"
#include "crm/contract/v1/contract_service.grpc.pb.h"
#include "crm/contract/v1/credit_service.grpc.pb.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
#include "crm/directory/v1/directory_service.grpc.pb.h"
#include "crm/opportunity/v1/product_service.grpc.pb.h"
#include "crm/opportunity/v1/quote_service.grpc.pb.h"
#include "crm/opportunity/v1/sales_process_service.grpc.pb.h"

namespace crm::testing {

using absl::Substitute;
using namespace contract::v1;     // NOLINT: the story reads better without the packages
using namespace customer::v1;     // NOLINT
using namespace directory::v1;    // NOLINT
using namespace opportunity::v1;  // NOLINT

void FaultsTest::SetUpEnterprise(int capacity) {
  const Person office(suite_, Uuid::New());
  unit_id_ = office
                 .Asks(&DirectoryService::Stub::CreateOrgUnit,
                       R"(org_unit { name: "总部" kind: ORG_UNIT_KIND_HEADQUARTERS })")
                 .org_unit()
                 .id();
  for (int i = 0; i < 4; ++i)
    office.Asks(&DirectoryService::Stub::CreateEmployee, R"(employee {
      name: "Rep $0" login: "rep$0" org_unit_id: "$1" capacity: $2 time_zone: "Asia/Shanghai" })",
                i, unit_id_, capacity);
  for (const char* phase : {"UNJUDGED", "SALES"})
    office.Asks(&LeadService::Stub::CreateAssignmentRule, R"(assignment_rule {
      name: "everybody in turn" org_unit_id: "$0" team_org_unit_id: "$0" enabled: true follow_up_minutes: 480
      phase: ASSIGNMENT_PHASE_$1 strategy: ASSIGNMENT_STRATEGY_ROUND_ROBIN })",
                unit_id_, phase);
  office.Asks(&SalesProcessService::Stub::CreateSalesProcess, R"(sales_process {
    key: "standard" name: "标准流程" stages {
      key: "qualified" display_name: "Qualified" probability_percent: 20 expected_days: 7 maximum_days: 30
      forecast_category: FORECAST_CATEGORY_PIPELINE } })");
  product_id_ = office
                    .Asks(&ProductService::Stub::CreateProduct, R"(product {
    sku: "GX-1" name: "关系服务" list_price { currency_code: "CNY" minor_units: 1000001 } })")
                    .product()
                    .id();
}

std::string FaultsTest::Client::CaptureLead(const std::string& name) {
  const std::string id =
      Asks(&LeadService::Stub::CaptureLead, "/v1/leads",
           Substitute(R"(lead { company: "$0" external_id: "$0" org_unit_id: "$1" })", name, test_.unit_id_))
          .lead()
          .id();
  IsTold(&Acknowledged::leads, id);
  return id;
}

std::string FaultsTest::Client::QualifyLead(const std::string& name) {
  const std::string id = CaptureLead(name);
  Asks(&LeadService::Stub::QualifyLead, "/v1/leads/" + id + ":qualify",
       Substitute(R"(id: "$0" outcome: QUALIFICATION_OUTCOME_OPPORTUNITY)", id));
  return id;
}

FaultsTest::Client::Deal FaultsTest::Client::ConvertLead(const std::string& name) {
  const std::string lead = QualifyLead(name);
  const auto converted = Asks(&LeadService::Stub::ConvertLead, "/v1/leads/" + lead + ":convert",
                              Substitute(R"(id: "$0")", lead));
  IsTold(&Acknowledged::opportunities, converted.opportunity_id());
  return {converted.customer_id(), converted.opportunity_id(), ""};
}

void FaultsTest::Client::AcceptQuote(Deal& deal) {
  // Refused until the opportunity is there.
  deal.quote_id = Asks(&QuoteService::Stub::CreateQuote, "/v1/quotes",
                       Substitute(R"(quote {
             opportunity_id: "$0" name: "报价" currency_code: "CNY" valid_until_date: "2099-12-31"
             lines { product_id: "$1" quantity: 1 } })",
                                  deal.opportunity_id, test_.product_id_))
                      .quote()
                      .id();
  const std::string path = "/v1/quotes/" + deal.quote_id, quote = Substitute(R"(id: "$0")", deal.quote_id);
  Asks(&QuoteService::Stub::SubmitQuote, path + ":submit", quote);
  Asks(&QuoteService::Stub::AcceptQuote, path + ":accept", quote);
  IsTold(&Acknowledged::quotes, deal.quote_id);
}

void FaultsTest::Client::ActivateContract(const Deal& deal) {
  const std::string contract =
      Awaits(&ContractService::Stub::ListContracts, "", Substitute(R"(quote_id: "$0")", deal.quote_id),
             [](const ListContractsResponse& page) { return page.contracts_size() > 0; })
          .contracts(0)
          .id();
  Asks(&CreditService::Stub::SetCreditLimit,
       "/v1/customers/" + deal.customer_id + "/credit-accounts/CNY:setLimit",
       Substitute(R"(customer_id: "$0" limit { currency_code: "CNY" minor_units: 5000000 })",
                  deal.customer_id));
  Asks(&ContractService::Stub::ActivateContract, "/v1/contracts/" + contract + ":activate",
       Substitute(R"(contract_id: "$0")", contract));
  IsTold(&Acknowledged::contracts, contract);
}

void FaultsTest::Client::MakeDeals(const std::string& name, int count) {
  std::vector<Deal> deals;
  for (int i = 0; i < count; ++i) {
    const std::string one = name + '-' + std::to_string(i);
    QualifyLead(one + "-undecided");
    deals.push_back(ConvertLead(one));
  }
  for (Deal& deal : deals) AcceptQuote(deal);
  for (const Deal& deal : deals) ActivateContract(deal);
}

void FaultsTest::Client::IsTold(std::set<std::string> Acknowledged::*what, const std::string& id) {
  std::lock_guard lock(test_.mutex_);
  (test_.acknowledged_.*what).insert(id);
}

bool FaultsTest::EventuallyDrained() {
  return Eventually(
      [&] {
        try {
          return Drained(suite_);
        } catch (const std::exception&) {
          return false;  // the database is still starting
        }
      },
      kPatience);
}

std::vector<std::string> FaultsTest::Broken() {
  std::lock_guard lock(mutex_);
  return FindBrokenPromises(suite_, acknowledged_);
}

}  // namespace crm::testing
