// Complete by the descriptors: every public unary method is called as it should be, over gRPC and over JSON,
// and answers the same; a list is read page by page.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <set>

#include "crm/customer/v1/lead_service.pb.h"
#include "crm/type/v1/options.pb.h"
#include "tests/contract/bad_input.h"
#include "tests/contract/json_form.h"

namespace crm::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::util::MessageDifferencer;

struct Good {
  const char* method;
  const char* request;    // text proto
  const char* answer;     // text proto: what the answer must hold, among other things
  const char* name = "";  // for what it makes, in the rows behind
};

// What they make is theirs alone: the tests of bad input find their records as they were.
constexpr Good kWrites[] = {
    {"DirectoryService.CreateOrgUnit",
     "org_unit { name: '好单位' kind: ORG_UNIT_KIND_TEAM parent_id: '$unit' external_id: 'good' }",
     "org_unit { name: '好单位' kind: ORG_UNIT_KIND_TEAM parent_id: '$unit' etag: '1' }", "good_unit"},
    {"DirectoryService.CreateEmployee",
     "employee { name: '李雷' login: 'Li.Lei' org_unit_id: '$good_unit' manager_id: '$rep' capacity: 3 }",
     "employee { login: 'li.lei' state: EMPLOYEE_STATE_ACTIVE capacity: 3 }", "good_rep"},
    {"DirectoryService.UpdateEmployee",
     "employee { id: '$good_rep' etag: '1' capacity: 4 } update_mask { paths: 'capacity' }",
     "employee { id: '$good_rep' name: '李雷' capacity: 4 etag: '2' }"},
    {"DirectoryService.ChangeEmployeeState", "id: '$good_rep' state: EMPLOYEE_STATE_ON_LEAVE",
     "employee { id: '$good_rep' state: EMPLOYEE_STATE_ON_LEAVE }"},
    // Customers
    {"CustomerService.CreateCustomer",
     "customer { name: '好客一号' parent_id: '$customer' tags: 'a' attributes { key: 'k' value: 'v' } }",
     "customer { name: '好客一号' parent_id: '$customer' tags: 'a' attributes { key: 'k' value: 'v' }"
     " lifecycle: CUSTOMER_LIFECYCLE_UNIDENTIFIED }",
     "good_customer"},
    {"CustomerService.UpsertCustomer", "customer { name: '好客二号' external_id: 'good' }",
     "customer { name: '好客二号' external_id: 'good' etag: '1' }", "other_customer"},
    {"CustomerService.UpsertCustomer", "customer { name: '好客三号' external_id: 'good' }",
     "customer { id: '$other_customer' name: '好客三号' etag: '2' }"},
    {"CustomerService.UpdateCustomer",
     "customer { id: '$good_customer' etag: '1' grade: 'A' } update_mask { paths: 'grade' }",
     "customer { name: '好客一号' grade: 'A' }"},
    {"CustomerService.OverrideCustomerLifecycle",
     "id: '$good_customer' lifecycle: CUSTOMER_LIFECYCLE_POTENTIAL reason: 'met at a fair'",
     "customer { id: '$good_customer' lifecycle: CUSTOMER_LIFECYCLE_POTENTIAL }"},
    {"CustomerService.CreateContact",
     "contact { customer_id: '$customer' name: '韩梅梅' roles: CONTACT_ROLE_CHAMPION emails: 'h@acme.com' }",
     "contact { name: '韩梅梅' roles: CONTACT_ROLE_CHAMPION emails: 'h@acme.com' }", "good_contact"},
    {"CustomerService.UpdateContact",
     "contact { id: '$good_contact' influence: 5 } update_mask { paths: 'influence' }",
     "contact { name: '韩梅梅' influence: 5 }"},
    {"CustomerService.LogInteraction",
     "interaction { customer_id: '$customer' kind: INTERACTION_KIND_VISIT subject: '拜访'"
     " contact_ids: '$good_contact' employee_ids: '$good_rep'"
     " cost { currency_code: 'CNY' minor_units: 5000 } }",
     "interaction { subject: '拜访' contact_ids: '$good_contact' cost { minor_units: 5000 } }"},
    // Leads
    {"LeadService.CaptureLead", "lead { company: '好线索一' source: 'fair' org_unit_id: '$unit' }",
     "lead { company: '好线索一' source: 'fair' state: LEAD_STATE_NEW }", "good_lead"},
    {"LeadService.CaptureLead", "lead { company: '好线索二' source: 'fair' org_unit_id: '$unit' }",
     "lead { company: '好线索二' }", "other_lead"},
    {"LeadService.BatchCaptureLeads",
     "requests { lead { company: '好线索三' org_unit_id: '$unit' } request_id: 'good-batch' }",
     "results { captured { lead { company: '好线索三' } } }"},
    {"LeadService.UpdateLead", "lead { id: '$good_lead' region: '华东' } update_mask { paths: 'region' }",
     "lead { company: '好线索一' region: '华东' }"},
    {"LeadService.AssignLead", "id: '$good_lead' employee_id: '$rep' reason: 'knows them'",
     "lead { id: '$good_lead' owner_id: '$rep' state: LEAD_STATE_ASSIGNED }"},
    {"LeadService.QualifyLead", "id: '$good_lead' outcome: QUALIFICATION_OUTCOME_OPPORTUNITY grade: 'A'",
     "lead { id: '$good_lead' qualification: QUALIFICATION_OUTCOME_OPPORTUNITY grade: 'A' }"},
    {"LeadService.ConvertLead",
     "id: '$good_lead' customer_id: '$good_customer' amount { currency_code: 'CNY' minor_units: 900 }",
     "lead { id: '$good_lead' state: LEAD_STATE_CONVERTED } customer_id: '$good_customer'"
     " customer_existed: true"},
    {"LeadService.DisqualifyLead", "id: '$other_lead' reason: 'NO_BUDGET'",
     "lead { id: '$other_lead' state: LEAD_STATE_DISQUALIFIED disqualify_reason: 'NO_BUDGET' }"},
    {"LeadService.CreateAssignmentRule",
     "assignment_rule { org_unit_id: '$good_unit' name: 'only fairs' phase: ASSIGNMENT_PHASE_UNJUDGED"
     " criteria { field: 'source' values: 'fair' } strategy: ASSIGNMENT_STRATEGY_PERSON"
     " employee_id: '$good_rep' }",
     "assignment_rule { name: 'only fairs' criteria { field: 'source' values: 'fair' } }", "good_rule"},
    {"LeadService.CreateAssignmentRule",
     "assignment_rule { org_unit_id: '$good_unit' name: 'the rest' phase: ASSIGNMENT_PHASE_UNJUDGED"
     " strategy: ASSIGNMENT_STRATEGY_LEAST_LOADED team_org_unit_id: '$good_unit' }",
     "assignment_rule { name: 'the rest' strategy: ASSIGNMENT_STRATEGY_LEAST_LOADED }"},
    {"LeadService.UpdateAssignmentRule",
     "assignment_rule { id: '$good_rule' etag: '1' position: 2 } update_mask { paths: 'position' }",
     "assignment_rule { name: 'only fairs' position: 2 }"},
    // Deals
    {"ProductService.CreateProduct",
     "product { sku: 'GX-2' name: '好产品' list_price { currency_code: 'CNY' minor_units: 200 } }",
     "product { sku: 'GX-2' name: '好产品' active: true }", "good_product"},
    {"SalesProcessService.CreateSalesProcess",
     "sales_process { key: 'good' name: '好流程' stages { key: 'only' display_name: 'Only'"
     " probability_percent: 50 gates { required_field: 'need' } } }",
     "sales_process { key: 'good' process_version: 1"
     " stages { key: 'only' gates { required_field: 'need' } } }",
     "good_process"},
    {"OpportunityService.CreateOpportunity",
     "opportunity { customer_id: '$idle' name: '好商机' need: 'a pump' product_ids: '$good_product' }",
     "opportunity { name: '好商机' customer_name: '闲' product_names: '好产品' stage: 'need'"
     " status: OPPORTUNITY_STATUS_OPEN }",
     "good_deal"},
    {"OpportunityService.CreateOpportunity",
     "opportunity { customer_id: '$idle' name: '坏商机' } process_key: 'good'",
     "opportunity { name: '坏商机' process_id: '$good_process' stage: 'only' }", "lost_deal"},
    {"OpportunityService.UpdateOpportunity",
     "opportunity { id: '$good_deal' grade: 'B' } update_mask { paths: 'grade' }",
     "opportunity { name: '好商机' grade: 'B' }"},
    {"OpportunityService.MoveStage", "id: '$good_deal' stage: 'proposal'",
     "opportunity { id: '$good_deal' stage: 'proposal' }"},
    {"OpportunityService.WinOpportunity", "id: '$good_offer_deal' reason: 'price' note: 'at last'",
     "opportunity { status: OPPORTUNITY_STATUS_WON close_reason: 'price' close_note: 'at last' }"},
    {"OpportunityService.LoseOpportunity", "id: '$lost_deal' reason: 'price' competitor: 'Them'",
     "opportunity { status: OPPORTUNITY_STATUS_LOST close_reason: 'price' }"},
    {"ActivityService.ScheduleActivity",
     "activity { kind: ACTIVITY_KIND_CALL subject_type: ACTIVITY_SUBJECT_OPPORTUNITY subject_id: '$bare'"
     " title: '电话' local_time: '2030-03-04T09:30:00' time_zone: 'Asia/Shanghai' }",
     "activity { title: '电话' start_time { seconds: 1898818200 } status: ACTIVITY_STATUS_SCHEDULED }",
     "good_call"},
    {"ActivityService.CompleteActivity", "id: '$good_call' outcome: '谈成了' spent_minutes: 20",
     "activity { status: ACTIVITY_STATUS_COMPLETED outcome: '谈成了' spent_minutes: 20 }"},
    {"QuoteService.CreateQuote",
     "quote { opportunity_id: '$good_deal' currency_code: 'CNY' valid_until_date: '2099-12-31'"
     " lines { product_id: '$good_product' quantity: 3 tax_basis_points: 1300 } }",
     "quote { lines { product_name: '好产品' tax_amount { minor_units: 78 } } total { minor_units: 678 } }",
     "good_quote"},
    {"QuoteService.SubmitQuote", "id: '$good_offer'", "quote { status: QUOTE_STATUS_SUBMITTED }"},
    {"QuoteService.AcceptQuote", "id: '$good_offer' reason: 'price'",
     "quote { id: '$good_offer' status: QUOTE_STATUS_ACCEPTED }"},
    {"NotificationService.MarkNotificationRead", "id: '$notice'", "notification { id: '$notice' etag: '2' }"},
    // Contracts
    {"ContractService.UpdatePaymentSchedule",
     "contract_id: '$good_contract' time_zone: 'Asia/Shanghai'"
     " instalments { percent: '50' days_after_activation: 10 }"
     " instalments { percent: '50' days_after_activation: 40 end_of_month: true }",
     "contract { time_zone: 'Asia/Shanghai' instalments { number: 1 amount { minor_units: 5001 } }"
     " instalments { number: 2 amount { minor_units: 5000 } } }"},
    {"ContractService.ActivateContract", "contract_id: '$good_contract'",
     "contract { state: CONTRACT_STATE_ACTIVE }"},
    {"ContractService.ActivateContract", "contract_id: '$held'",
     "contract { state: CONTRACT_STATE_PENDING_CREDIT credit_hold { reasons: 'OVER_LIMIT' } }"},
    {"ContractService.ReleaseCreditHold", "contract_id: '$held' reason: 'an old friend'",
     "contract { state: CONTRACT_STATE_ACTIVE credit_hold { release_reason: 'an old friend' } }"},
    {"ContractService.RecordPayment",
     "contract_id: '$good_contract' amount { currency_code: 'CNY' minor_units: 5002 } reference: 'R-1'",
     "payment { reference: 'R-1' allocations { instalment_number: 1 amount { minor_units: 5001 } }"
     " allocations { instalment_number: 2 amount { minor_units: 1 } } }",
     "good_payment"},
    {"ContractService.ReversePayment",
     "contract_id: '$good_contract' payment_id: '$good_payment' reason: 'bounced'",
     "payment { id: '$good_payment' reverse_reason: 'bounced' }"},
    {"CreditService.SetCreditLimit", "customer_id: '$idle' limit { currency_code: 'CNY' minor_units: 1000 }",
     "account { customer_id: '$idle' limit { minor_units: 1000 } available { minor_units: 1000 } }"},
};

constexpr Good kReads[] = {
    {"DirectoryService.GetOrgUnit", "id: '$good_unit'", "org_unit { name: '好单位' external_id: 'good' }"},
    {"DirectoryService.ListOrgUnits", "under_id: '$unit'",
     "org_units { id: '$unit' } org_units { id: '$good_unit' }"},
    {"DirectoryService.GetEmployee", "id: '$good_rep'", "employee { name: '李雷' manager_id: '$rep' }"},
    {"DirectoryService.ListEmployees", "under_org_unit_id: '$unit'",
     "employees { id: '$rep' } employees { id: '$good_rep' }"},
    {"CustomerService.GetCustomer", "id: '$good_customer'", "customer { name: '好客一号' grade: 'A' }"},
    {"CustomerService.BatchGetCustomers", "ids: '$good_customer' external_ids: 'good' names: '闲'",
     "customers { id: '$good_customer' } customers { id: '$other_customer' } customers { id: '$idle' }"},
    {"CustomerService.ListCustomers", "", "customers { id: '$good_customer' }"},
    {"CustomerService.SearchCustomers", "query: '好客'",
     "customers { name: '好客一号' } customers { name: '好客三号' }"},
    {"CustomerService.ListCustomerLifecycleMoves", "customer_id: '$good_customer'",
     "moves { to: CUSTOMER_LIFECYCLE_UNIDENTIFIED }"
     " moves { to: CUSTOMER_LIFECYCLE_POTENTIAL reason: 'met at a fair' }"},
    {"CustomerService.GetContact", "id: '$good_contact'", "contact { name: '韩梅梅' influence: 5 }"},
    {"CustomerService.ListContacts", "customer_id: '$customer'",
     "contacts { id: '$contact' } contacts { id: '$good_contact' }"},
    {"CustomerService.ListTimeline", "customer_id: '$customer'",
     "entries { interaction { subject: '拜访' } }"
     " entries { lifecycle_move { to: CUSTOMER_LIFECYCLE_ORDERING } }"},
    {"LeadService.GetLead", "id: '$good_lead'", "lead { region: '华东' customer_id: '$good_customer' }"},
    {"LeadService.BatchGetLeads", "ids: '$good_lead' ids: '$other_lead'",
     "leads { id: '$good_lead' } leads { id: '$other_lead' }"},
    {"LeadService.ListLeads", "source: 'fair'", "leads { id: '$good_lead' } leads { id: '$other_lead' }"},
    {"LeadService.GetAssignmentDecision", "lead_id: '$good_lead'",
     "decision { lead_id: '$good_lead' assignee_id: '$rep' }"},
    {"LeadService.ListAssignmentRules", "org_unit_id: '$good_unit'",
     "assignment_rules { name: 'only fairs' } assignment_rules { name: 'the rest' }"},
    {"ImportService.GetImport", "id: '$leads_file'",
     "import { name: 'good.csv' state: IMPORT_STATE_SUCCEEDED rows_read: 3 rows_rejected: 2 }"},
    {"ImportService.ListImports", "", "imports { id: '$leads_file' }"},
    {"ImportService.ListImportRejects", "import_id: '$leads_file'",
     "rejects { line: 3 violations { field: 'email' reason: 'MALFORMED' } } rejects { line: 4 }"},
    {"ProductService.GetProduct", "id: '$good_product'", "product { sku: 'GX-2' }"},
    {"ProductService.ListProducts", "", "products { id: '$product' } products { id: '$good_product' }"},
    {"SalesProcessService.GetSalesProcess", "id: '$good_process'",
     "sales_process { key: 'good' stages { key: 'only' } }"},
    {"SalesProcessService.ListSalesProcesses", "",
     "sales_processes { key: 'standard' } sales_processes { key: 'good' }"},
    {"OpportunityService.GetOpportunity", "id: '$good_deal'", "opportunity { stage: 'proposal' grade: 'B' }"},
    {"OpportunityService.ListOpportunities", "customer_id: '$idle'",
     "opportunities { id: '$good_deal' } opportunities { id: '$lost_deal' }"},
    {"OpportunityService.ListStageMoves", "opportunity_id: '$good_deal'",
     "moves { to_stage: 'need' } moves { from_stage: 'need' to_stage: 'proposal' }"},
    {"ActivityService.ListActivities", "subject_id: '$bare'",
     "activities { id: '$visit' } activities { id: '$good_call' }"},
    {"QuoteService.GetQuote", "id: '$good_quote'",
     "quote { opportunity_name: '好商机' customer_name: '闲' }"},
    {"QuoteService.ListQuotes", "status: QUOTE_STATUS_ACCEPTED", "quotes { id: '$good_offer' }"},
    {"OpportunityImportService.GetOpportunityImport", "id: '$deals_file'",
     "opportunity_import { name: 'good.csv' rows_imported: 1 rows_rejected: 2 }"},
    {"OpportunityImportService.ListImportFindings",
     "import_id: '$deals_file' kind: IMPORT_FINDING_KIND_REJECTED",
     "findings { line: 3 field: 'stage' reason: 'UNKNOWN_STAGE' } findings { line: 4 }"},
    {"NotificationService.ListNotifications", "", "notifications { kind: 'contract_drafted' }"},
    {"ContractService.GetContract", "id: '$good_contract'",
     "contract { customer_name: '华为' total { currency_code: 'CNY' minor_units: 10001 } }"},
    {"ContractService.ListContracts", "customer_id: '$customer' state: CONTRACT_STATE_ACTIVE",
     "contracts { id: '$active' } contracts { id: '$good_contract' } contracts { id: '$held' }"},
    {"ContractService.ListPayments", "contract_id: '$active'",
     "payments { id: '$payment' } payments { id: '$reversed' reverse_reason: 'bounced' }"},
    {"CreditService.GetCreditAccount", "customer_id: '$idle' currency_code: 'CNY'",
     "account { limit { currency_code: 'CNY' minor_units: 1000 } }"},
    {"CreditService.CheckCredit", "customer_id: '$idle' amount { currency_code: 'CNY' minor_units: 1001 }",
     "reasons: 'OVER_LIMIT' available { minor_units: 1000 } excess { minor_units: 1 }"},
    // What happened, counted
    {"AnalyticsService.GetFunnel", "group_by: GROUP_BY_PRODUCT",
     "rows { group: '好产品' stage_key: 'proposal' status: 'OPEN' opportunities: 1 }"},
    {"AnalyticsService.GetConversion", "process_id: '$good_process'",
     "entered: 1 stages { key: 'only' reached: 1 } losses { status: 'LOST' reason: 'price' }"},
    {"AnalyticsService.GetLeadConversion", "",
     "sources { source: 'fair' leads: 2 qualified { hits: 1 } converted { hits: 1 } }"},
    {"AnalyticsService.PlanResources",
     "target { currency_code: 'CNY' minor_units: 1000 } average_deal { currency_code: 'CNY' minor_units: 100 "
     "}"
     " committed { currency_code: 'CNY' } process_id: '$good_process' trials: 10"
     " period_start_date: '2026-01-01' period_end_date: '2099-12-31'"
     " stages { stage_key: 'lead' conversion: 0.5 } stages { stage_key: 'qualified' conversion: 0.5 }"
     " stages { stage_key: 'only' conversion: 0.5 }",
     "process_id: '$good_process' needed_wins: 10 stages { stage_key: 'lead' needed: 80 }"},
    {"AnalyticsService.GetReceivablesAgeing", "", "rows { total { currency_code: 'CNY' } }"},
};

class GoodCalls : public BadInput {
 protected:
  static void SetUpTestSuite() {
    BadInput::SetUpTestSuite();
    Name("good_offer", Offer());
    Offer();
    Name("good_offer_deal", Expand("$deal"));
    Name("good_contract", Contract());
    Name("held", Contract(std::string(kLongValid) + "lines { product_id: '$product' quantity: 10000 }"));
    Settle();
    Name("notice", suite()
                       .Sql("SELECT id FROM guanxi_opportunity.notification WHERE kind = 'contract_drafted'"
                            " ORDER BY id DESC LIMIT 1")
                       .at(0));
    ImportFile("/v1/imports/leads", "company,email\nSolid,\nBad 1,nobody\nBad 2,nobody\n", "org_unit_id",
               "$unit");
    Name("leads_file", ImportFile("/v1/imports/leads", "company,email\n好文件,\nBad 1,nobody\nBad 2,nobody\n",
                                  "org_unit_id", "$unit"));
    Name("deals_file", ImportFile("/v1/opportunity-imports",
                                  "external_id,stage\ngood-1,need\ngood-2,dreaming\ngood-3,dreaming\n",
                                  "currency_code", "CNY"));
  }

  // Answers the import's id.
  static std::string ImportFile(const std::string& path, const std::string& bytes,
                                const std::string& parameter, const std::string& value) {
    const HttpResponse answer = Upload(
        path, {{"name", "good.csv"}, {"request_id", Uuid::New().ToString()}, {parameter, Expand(value)}},
        bytes);
    google::protobuf::Struct body;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(answer.body, &body).ok()) << answer.body;
    return body.fields().begin()->second.struct_value().fields().at("id").string_value();
  }

  static std::unique_ptr<Message> Parse(const google::protobuf::Descriptor* type, const std::string& text) {
    auto message = New(type);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(Expand(text), message.get())) << text;
    return message;
  }

  static HttpResponse CallJson(const MethodDescriptor& method, const Message& request) {
    google::protobuf::util::JsonPrintOptions as_named;
    as_named.preserve_proto_field_names = true;
    std::string json;
    google::protobuf::Struct fields;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(request, &json, as_named).ok());
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &fields).ok());
    const JsonForm form = JsonFormOf(method).value();
    const std::string path = form.PathWith([&](const std::string& field) { return TakeOut(fields, field); });
    if (form.has_body) {
      json.clear();
      EXPECT_TRUE(google::protobuf::util::MessageToJsonString(fields, &json).ok());
      return Http(suite().gateway(), form.verb, path, json, {{"authorization", Bearer()}});
    }
    Parameters parameters;
    for (const auto& [name, value] : fields.fields())
      parameters[name] = value.has_string_value() ? value.string_value() : absl::StrCat(value.number_value());
    return Http(suite().gateway(), form.verb, Target(path, parameters), "", {{"authorization", Bearer()}});
  }

  // What a good request is answered over gRPC, and over JSON as well: a write that is repeated there under
  // its request_id answers what it answered.
  static std::unique_ptr<Message> Answer(const MethodDescriptor& method, const Message& request) {
    auto answer = New(method.output_type()), as_json = New(method.output_type());
    const grpc::Status status = Call(method, request, Bearer(), answer.get());
    EXPECT_TRUE(status.ok()) << status.error_message();
    const HttpResponse json = CallJson(method, request);
    EXPECT_EQ(json.status, 200) << json.body;
    const auto parsed = google::protobuf::util::JsonStringToMessage(json.body, as_json.get());
    EXPECT_TRUE(parsed.ok()) << parsed << json.body;
    std::string difference;
    MessageDifferencer exact;
    exact.ReportDifferencesToString(&difference);
    EXPECT_TRUE(exact.Compare(*answer, *as_json)) << difference;
    return answer;
  }

  static void ExpectHolds(const Message& answer, const Message& expected) {
    MessageDifferencer holds;
    holds.set_scope(MessageDifferencer::PARTIAL);
    holds.set_repeated_field_comparison(MessageDifferencer::AS_SET);
    EXPECT_TRUE(holds.Compare(expected, answer))
        << "expected: " << expected.Utf8DebugString() << "answered: " << answer.Utf8DebugString();
  }

  static std::string Text(const Message& message, const char* field) {
    return message.GetReflection()->GetString(message, message.GetDescriptor()->FindFieldByName(field));
  }
  // The entries of a page, printed.
  static std::vector<std::string> Entries(const Message& page) {
    const FieldDescriptor* list = page.GetDescriptor()->field(0);
    std::vector<std::string> entries;
    for (int i = 0; i < page.GetReflection()->FieldSize(page, list); ++i)
      entries.push_back(page.GetReflection()->GetRepeatedMessage(page, list, i).Utf8DebugString());
    return entries;
  }

  // A page of one, and by its token the next, are a page of two.
  static void ExpectPages(const MethodDescriptor& method, const Message& question) {
    const auto page = [&](int size, const std::string& token) {
      auto request = New(method.input_type());
      request->CopyFrom(question);
      const auto* type = request->GetDescriptor();
      request->GetReflection()->SetInt32(request.get(), type->FindFieldByName("page_size"), size);
      request->GetReflection()->SetString(request.get(), type->FindFieldByName("page_token"), token);
      return Answer(method, *request);
    };
    const auto both = Entries(*page(2, ""));
    ASSERT_EQ(both.size(), 2);
    const auto first = page(1, "");
    EXPECT_THAT(Entries(*first), ::testing::ElementsAre(both[0]));
    ASSERT_NE(Text(*first, "next_page_token"), "");
    EXPECT_THAT(Entries(*page(1, Text(*first, "next_page_token"))), ::testing::ElementsAre(both[1]));
  }

  static void ExpectAnswered(absl::Span<const Good> rows) {
    for (const Good& row : rows) {
      SCOPED_TRACE(std::string(row.method) + " { " + row.request + " }");
      const MethodDescriptor* method = Find(row.method);
      ASSERT_NE(method, nullptr);
      const auto request = Parse(method->input_type(), row.request);
      AddRequestId(*request);
      const auto answer = Answer(*method, *request);
      ExpectHolds(*answer, *Parse(method->output_type(), row.answer));
      if (*row.name != '\0') {
        const FieldDescriptor* made = method->output_type()->field(0);
        Name(row.name, Text(answer->GetReflection()->GetMessage(*answer, made), "id"));
      }
      if (method->input_type()->FindFieldByName("page_token") != nullptr) ExpectPages(*method, *request);
    }
  }
};

TEST_F(GoodCalls, AreAnsweredOverGrpcAndJsonAlike) {
  ExpectAnswered(kWrites);
  Settle();
  ExpectAnswered(kReads);
}

TEST_F(GoodCalls, AreShownOfEveryPublicMethod) {
  std::set<std::string> unshown;
  for (const MethodDescriptor* method : UnaryMethods())
    if (!method->options().GetExtension(crm::type::v1::internal))
      unshown.insert(method->service()->name() + "." + method->name());
  EXPECT_GT(unshown.size(), 80);
  for (const auto& rows : {absl::MakeConstSpan(kWrites), absl::MakeConstSpan(kReads)})
    for (const Good& row : rows) unshown.erase(row.method);
  EXPECT_THAT(unshown, ::testing::IsEmpty()) << "a row for each in the tables above";
}

TEST_F(GoodCalls, OfABatchAreAnsweredInTheirPlacesWhateverTheirNeighbour) {
  const MethodDescriptor* method = Find("LeadService.BatchCaptureLeads");
  const auto request = Parse(
      method->input_type(),
      "requests { lead { company: '首' org_unit_id: '$unit' } request_id: 'batch-1' }"
      " requests { lead { company: '$long' email: 'nobody' org_unit_id: '$unit' } request_id: 'batch-2' }"
      " requests { lead { company: '尾' org_unit_id: '$unit' } request_id: 'batch-3' }");
  const auto answer = Answer(*method, *request);
  const auto& results = static_cast<const customer::v1::BatchCaptureLeadsResponse&>(*answer).results();
  ASSERT_EQ(results.size(), 3);
  EXPECT_EQ(results[0].captured().lead().company(), "首");
  EXPECT_EQ(results[1].error().code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(results[1].error().details_size(), 2) << "the reason, and the fields";
  EXPECT_EQ(results[2].captured().lead().company(), "尾");
  EXPECT_EQ(suite().Sql("SELECT company FROM guanxi_customer.lead WHERE company IN ('首', '尾') ORDER BY id"),
            (std::vector<std::string>{"首", "尾"}));
}

}  // namespace
}  // namespace crm::testing
