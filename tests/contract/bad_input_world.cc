// The small enterprise on which bad input is tried out.
#include "common/testing/concurrent.h"
#include "tests/contract/bad_input.h"

namespace crm::testing {

void BadInput::MakeCustomers() {
  world_["unit"] = Make("DirectoryService.CreateOrgUnit",
                        "org_unit { name: '总部' kind: ORG_UNIT_KIND_HEADQUARTERS external_id: 'hq' }");
  world_["rep"] = Make("DirectoryService.CreateEmployee",
                       "employee { name: '王芳' login: 'wang.fang' org_unit_id: '$unit' capacity: 1000000 }");
  world_["gone"] = Make("DirectoryService.CreateEmployee",
                        "employee { name: 'Gone' login: 'gone' org_unit_id: '$unit' capacity: 1 }");
  Make("DirectoryService.ChangeEmployeeState", "id: '$gone' state: EMPLOYEE_STATE_TERMINATED");
  world_["rule"] = Make("LeadService.CreateAssignmentRule",
                        "assignment_rule { org_unit_id: '$unit' name: 'in turn' enabled: true"
                        " phase: ASSIGNMENT_PHASE_UNJUDGED strategy: ASSIGNMENT_STRATEGY_ROUND_ROBIN"
                        " team_org_unit_id: '$unit' }");
  world_["customer"] = Make("CustomerService.CreateCustomer",
                            "customer { name: '华为' external_id: 'taken'"
                            " identifiers { key: 'domain' value: 'acme.com' } } request_id: 'used'");
  world_["idle"] = Make("CustomerService.CreateCustomer", "customer { name: '闲' }");
  world_["contact"] =
      Make("CustomerService.CreateContact", "contact { customer_id: '$customer' name: '任' }");
  world_["lead"] = Make("LeadService.CaptureLead", "lead { company: '中兴' org_unit_id: '$unit' }");
  world_["closed"] = Make("LeadService.CaptureLead", "lead { company: '小米' org_unit_id: '$unit' }");
  Make("LeadService.DisqualifyLead", "id: '$closed' reason: 'NO_BUDGET'");
}

void BadInput::MakeDeals() {
  world_["product"] = Make("ProductService.CreateProduct",
                           "product { sku: 'GX-1' name: '关系服务'"
                           " list_price { currency_code: 'CNY' minor_units: 10001 } }");
  world_["bare"] = Make("OpportunityService.CreateOpportunity",
                        "opportunity { customer_id: '$customer' name: 'Bare' } request_id: 'used'");
  world_["draft"] = Offer();
  world_["expired"] = Offer("valid_until_date: '2020-12-31'");
  world_["visit"] = Make("ActivityService.ScheduleActivity",
                         "activity { kind: ACTIVITY_KIND_VISIT subject_type: ACTIVITY_SUBJECT_OPPORTUNITY"
                         " subject_id: '$bare' title: '拜访' local_time: '2030-03-04T09:30:00' }");
  Make("ActivityService.CompleteActivity", "id: '$visit' outcome: '见到了'");
}

std::string BadInput::Offer(const std::string& terms) {
  world_["deal"] = Make("OpportunityService.CreateOpportunity",
                        "opportunity { customer_id: '$customer' name: 'Line 4' need: 'a pump'"
                        " amount { currency_code: 'CNY' minor_units: 10001 }"
                        " expected_close_date: '2030-01-01'"
                        " contacts { contact_id: '$contact' role: 'DECISION_MAKER' } }");
  return Make("QuoteService.CreateQuote",
              "quote { opportunity_id: '$deal' currency_code: 'CNY'"
              " lines { product_id: '$product' quantity: 1 } " +
                  terms + " }");
}

std::string BadInput::Contract(const std::string& terms) {
  world_["accepted"] = Offer(terms);
  world_["won"] = world_["deal"];
  Make("QuoteService.SubmitQuote", "id: '$accepted'");
  Make("QuoteService.AcceptQuote", "id: '$accepted'");
  std::vector<std::string> drafted;
  EXPECT_TRUE(Eventually([&] {
    drafted =
        suite_->Sql(Expand("SELECT id FROM guanxi_contract_credit.contract WHERE quote_id = '$accepted'"));
    return !drafted.empty();
  }));
  return drafted.at(0);
}

void BadInput::MakeContracts() {
  Make("CreditService.SetCreditLimit",
       "customer_id: '$customer' limit { currency_code: 'CNY' minor_units: 100000000 } request_id: 'used'",
       "customer_id");
  world_["contract"] = Contract();
  world_["active"] = Contract();
  Make("ContractService.ActivateContract", "contract_id: '$active'");
  world_["reversed"] = Make("ContractService.RecordPayment",
                            "contract_id: '$active' amount { currency_code: 'CNY' minor_units: 1 }");
  Make("ContractService.ReversePayment", "contract_id: '$active' payment_id: '$reversed' reason: 'bounced'");
  world_["payment"] = Make("ContractService.RecordPayment",
                           "contract_id: '$active' amount { currency_code: 'CNY' minor_units: 1 }");
}

}  // namespace crm::testing
