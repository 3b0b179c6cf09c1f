// What is refused: input, code, field, reason, and that nothing has changed. Over gRPC, against the real
// processes.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "absl/strings/str_replace.h"
#include "common/status/errors.h"
#include "common/status/to_grpc.h"
#include "tests/support/suite.h"

namespace crm {
namespace {

using absl::StatusCode;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::Reflection;

struct Row {
  const char* method;  // of a service of crm.customer.v1, "CustomerService.CreateCustomer"
  // Text proto. $customer, $contact and $lead are ids that there are, $nobody is one that is not; $long has
  // 301 characters, $tags is 51 tags, $key 129 bytes.
  const char* request;
  StatusCode code;
  const char* field;  // of the violation; empty: the error is not about a field
  const char* reason;
};

std::string Repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

constexpr auto kInvalid = StatusCode::kInvalidArgument;
constexpr auto kPrecondition = StatusCode::kFailedPrecondition;
constexpr Row kRows[] = {
    // Customers
    {"CustomerService.CreateCustomer", "", kInvalid, "customer.name", "REQUIRED"},
    {"CustomerService.CreateCustomer", "customer { name: '  \\t ' }", kInvalid, "customer.name", "REQUIRED"},
    {"CustomerService.CreateCustomer", "customer { name: '$long' }", kInvalid, "customer.name", "TOO_LONG"},
    {"CustomerService.CreateCustomer", "customer { name: 'a\\000b' }", kInvalid, "customer.name",
     "HOLDS_NUL"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' kind: 99 }", kInvalid, "customer.kind",
     "UNKNOWN_VALUE"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' grade: 'Z' }", kInvalid, "customer.grade",
     "UNKNOWN_VALUE"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' parent_id: '42' }", kInvalid,
     "customer.parent_id", "MALFORMED"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' parent_id: '$nobody' }", StatusCode::kNotFound,
     "", "CUSTOMER_NOT_FOUND"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' time_zone: 'Mars/Olympus' }", kInvalid,
     "customer.time_zone", "UNKNOWN_VALUE"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' owner_id: 'me' }", kInvalid, "customer.owner_id",
     "MALFORMED"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' external_id: 'taken' }",
     StatusCode::kAlreadyExists, "", "CUSTOMER_ALREADY_EXISTS"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' identifiers { key: 'Tax ID' value: '1' } }",
     kInvalid, "customer.identifiers[\"Tax ID\"]", "MALFORMED"},
    {"CustomerService.CreateCustomer",
     "customer { name: 'A' identifiers { key: 'domain' value: 'ACME.com' } }", StatusCode::kAlreadyExists, "",
     "CUSTOMER_ALREADY_EXISTS"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' attributes { key: 'k' value: 'a\\001b' } }",
     kInvalid, "customer.attributes[\"k\"]", "CONTROL_CHARACTER"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' $tags }", kInvalid, "customer.tags", "TOO_MANY"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' } request_id: '$key'", kInvalid, "request_id",
     "TOO_LONG"},
    {"CustomerService.CreateCustomer", "customer { name: 'Another body' } request_id: 'used'", kInvalid, "",
     "REQUEST_ID_REUSED"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' owner_id: '$nobody' }", StatusCode::kNotFound,
     "", "EMPLOYEE_NOT_FOUND"},
    {"CustomerService.CreateCustomer", "customer { name: 'A' org_unit_id: '$nobody' }", StatusCode::kNotFound,
     "", "ORG_UNIT_NOT_FOUND"},
    {"CustomerService.UpsertCustomer", "customer { name: 'A' }", kInvalid, "customer.external_id",
     "REQUIRED"},
    {"CustomerService.GetCustomer", "", kInvalid, "id", "REQUIRED"},
    {"CustomerService.GetCustomer", "id: '1; DROP TABLE customer'", kInvalid, "id", "MALFORMED"},
    {"CustomerService.GetCustomer", "id: '$nobody'", StatusCode::kNotFound, "", "CUSTOMER_NOT_FOUND"},
    {"CustomerService.UpdateCustomer", "customer { id: '$customer' name: 'B' }", kInvalid, "update_mask",
     "REQUIRED"},
    {"CustomerService.UpdateCustomer",
     "customer { id: '$customer' lifecycle: CUSTOMER_LIFECYCLE_USER } update_mask { paths: 'lifecycle' }",
     kInvalid, "update_mask", "UNKNOWN_FIELD"},
    {"CustomerService.UpdateCustomer", "customer { id: '$customer' } update_mask { paths: 'name' }", kInvalid,
     "customer.name", "REQUIRED"},
    {"CustomerService.UpdateCustomer",
     "customer { id: '$customer' name: 'B' etag: '999' } update_mask { paths: 'name' }", StatusCode::kAborted,
     "", "STALE_ETAG"},
    {"CustomerService.UpdateCustomer",
     "customer { id: '$customer' name: 'B' etag: 'x' } update_mask { paths: 'name' }", kInvalid,
     "customer.etag", "MALFORMED"},
    {"CustomerService.UpdateCustomer",
     "customer { id: '$customer' parent_id: '$customer' } update_mask { paths: 'parent_id' }", kPrecondition,
     "", "PARENT_LOOP"},
    {"CustomerService.OverrideCustomerLifecycle", "id: '$customer' lifecycle: CUSTOMER_LIFECYCLE_USER",
     kInvalid, "reason", "REQUIRED"},
    {"CustomerService.OverrideCustomerLifecycle",
     "id: '$customer' lifecycle: CUSTOMER_LIFECYCLE_UNIDENTIFIED reason: 'r'", kPrecondition, "",
     "ILLEGAL_STATE_MOVE"},
    {"CustomerService.ListCustomers", "page_size: 201", kInvalid, "page_size", "OUT_OF_RANGE"},
    {"CustomerService.ListCustomers", "page_size: -1", kInvalid, "page_size", "OUT_OF_RANGE"},
    {"CustomerService.ListCustomers", "page_token: 'made up'", kInvalid, "page_token", "MALFORMED"},
    {"CustomerService.ListCustomers", "lifecycle: 77", kInvalid, "lifecycle", "UNKNOWN_VALUE"},
    {"CustomerService.SearchCustomers", "", kInvalid, "query", "REQUIRED"},
    {"CustomerService.SearchCustomers", "query: 'x'", kInvalid, "query", "TOO_SHORT"},
    {"CustomerService.BatchGetCustomers", "ids: 'x'", kInvalid, "ids[0]", "MALFORMED"},
    // Contacts
    {"CustomerService.CreateContact", "contact { customer_id: '$nobody' name: '王' }", StatusCode::kNotFound,
     "", "CUSTOMER_NOT_FOUND"},
    {"CustomerService.CreateContact", "contact { customer_id: '$customer' name: '王' influence: 6 }",
     kInvalid, "contact.influence", "OUT_OF_RANGE"},
    {"CustomerService.CreateContact", "contact { customer_id: '$customer' name: '王' influence: -1 }",
     kInvalid, "contact.influence", "OUT_OF_RANGE"},
    {"CustomerService.CreateContact", "contact { customer_id: '$customer' name: '王' emails: 'no address' }",
     kInvalid, "contact.emails[0]", "MALFORMED"},
    {"CustomerService.CreateContact", "contact { customer_id: '$customer' name: '王' roles: 42 }", kInvalid,
     "contact.roles[0]", "UNKNOWN_VALUE"},
    {"CustomerService.UpdateContact",
     "contact { id: '$contact' name: '李' etag: '7' } update_mask { paths: 'name' }", StatusCode::kAborted,
     "", "STALE_ETAG"},
    {"CustomerService.UpdateContact", "contact { id: '$nobody' name: '李' } update_mask { paths: 'name' }",
     StatusCode::kNotFound, "", "CONTACT_NOT_FOUND"},
    // Interactions
    {"CustomerService.LogInteraction", "interaction { kind: INTERACTION_KIND_CALL subject: 's' }", kInvalid,
     "interaction.customer_id", "EXACTLY_ONE"},
    {"CustomerService.LogInteraction",
     "interaction { customer_id: '$customer' lead_id: '$lead' kind: INTERACTION_KIND_CALL subject: 's' }",
     kInvalid, "interaction.customer_id", "EXACTLY_ONE"},
    {"CustomerService.LogInteraction", "interaction { customer_id: '$customer' subject: 's' }", kInvalid,
     "interaction.kind", "REQUIRED"},
    {"CustomerService.LogInteraction",
     "interaction { customer_id: '$customer' kind: INTERACTION_KIND_CALL subject: 's'"
     " cost { currency_code: 'CNY' minor_units: -1 } }",
     kInvalid, "interaction.cost.minor_units", "NEGATIVE"},
    {"CustomerService.LogInteraction",
     "interaction { customer_id: '$customer' kind: INTERACTION_KIND_CALL subject: 's'"
     " cost { currency_code: 'RMB' minor_units: 1 } }",
     kInvalid, "interaction.cost.currency_code", "UNKNOWN_CURRENCY"},
    {"CustomerService.LogInteraction",
     "interaction { customer_id: '$customer' kind: INTERACTION_KIND_CALL subject: 's'"
     " occurred_time { seconds: 4102444800 } }",
     kInvalid, "interaction.occurred_time", "IN_FUTURE"},
    {"CustomerService.LogInteraction",
     "interaction { customer_id: '$customer' kind: INTERACTION_KIND_CALL subject: 's'"
     " occurred_time { seconds: 999999999999999 } }",
     kInvalid, "interaction.occurred_time", "MALFORMED"},
    {"CustomerService.LogInteraction",
     "interaction { customer_id: '$customer' kind: INTERACTION_KIND_CALL subject: 's' contact_ids: "
     "'$nobody' }",
     StatusCode::kNotFound, "", "CONTACT_NOT_FOUND"},
    {"CustomerService.ListTimeline", "customer_id: '$nobody'", StatusCode::kNotFound, "",
     "CUSTOMER_NOT_FOUND"},
    // Judging leads
    {"LeadService.QualifyLead", "id: '$lead'", kInvalid, "outcome", "REQUIRED"},
    {"LeadService.QualifyLead", "id: '$lead' outcome: 9", kInvalid, "outcome", "UNKNOWN_VALUE"},
    {"LeadService.QualifyLead", "id: '$nobody' outcome: QUALIFICATION_OUTCOME_OPPORTUNITY",
     StatusCode::kNotFound, "", "LEAD_NOT_FOUND"},
    {"LeadService.QualifyLead", "id: '$lead' outcome: QUALIFICATION_OUTCOME_OPPORTUNITY etag: '999'",
     StatusCode::kAborted, "", "STALE_ETAG"},
    {"LeadService.ConvertLead", "id: '$lead'", kPrecondition, "", "LEAD_NOT_QUALIFIED"},
    {"LeadService.ConvertLead", "id: '$lead' amount { currency_code: 'CNY' minor_units: -5 }", kInvalid,
     "amount.minor_units", "NEGATIVE"},
    {"LeadService.ConvertLead", "id: '$lead' expected_close_date: '2026-13-01'", kInvalid,
     "expected_close_date", "MALFORMED"},
    {"LeadService.DisqualifyLead", "id: '$lead'", kInvalid, "reason", "REQUIRED"},
    {"LeadService.CaptureLead", "lead { note: 'nobody' }", kInvalid, "lead", "REQUIRED"},
};

class BadInputTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { suite_ = new testing::Suite(); }
  static void TearDownTestSuite() {
    delete suite_;
    suite_ = nullptr;
  }

  static const MethodDescriptor* Find(const std::string& method) {
    const std::string name = method.starts_with("crm.") ? method : "crm.customer.v1." + method;
    return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  }

  static std::unique_ptr<Message> New(const Descriptor* type) {
    return std::unique_ptr<Message>(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  }

  // Gives every write a request_id of its own, unless it has one.
  static void AddRequestId(Message& request) {
    const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("request_id");
    if (field != nullptr && request.GetReflection()->GetString(request, field).empty())
      request.GetReflection()->SetString(&request, field, Uuid::New().ToString());
  }

  static std::vector<const MethodDescriptor*> UnaryMethodsThatTakeSomething() {
    std::ifstream file(CRM_DESCRIPTOR_SET, std::ios::binary);
    google::protobuf::FileDescriptorSet set;
    EXPECT_TRUE(set.ParseFromIstream(&file));
    std::vector<const MethodDescriptor*> methods;
    for (const auto& proto : set.file()) {
      const auto* known = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(proto.name());
      for (int s = 0; known != nullptr && s < known->service_count(); ++s)
        for (int m = 0; m < known->service(s)->method_count(); ++m) {
          const MethodDescriptor* method = known->service(s)->method(m);
          if (!method->client_streaming() && !method->server_streaming() &&
              method->input_type()->field_count() > 0)
            methods.push_back(method);
        }
    }
    return methods;
  }

  static const std::string& ProcessOf(const MethodDescriptor& method) {
    static const std::map<std::string, std::string> processes = {
        {"crm.directory.v1", "customer"},      {"crm.customer.v1", "customer"},
        {"crm.opportunity.v1", "opportunity"}, {"crm.contract.v1", "contract_credit"},
        {"crm.analytics.v1", "analytics"},     {"crm.event.v1", "customer"},
    };
    return processes.at(method.file()->package());
  }

  static absl::Status Call(const MethodDescriptor& method, const Message& request,
                           Message* answer = nullptr) {
    static const std::string token = suite_->Token();
    grpc::GenericStub stub(suite_->Channel(ProcessOf(method)));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.AddMetadata("authorization", "Bearer " + token);
    const grpc::Slice bytes(request.SerializeAsString());
    const grpc::ByteBuffer sent(&bytes, 1);
    grpc::ByteBuffer received;
    std::promise<grpc::Status> status;
    stub.UnaryCall(&context, "/" + method.service()->full_name() + "/" + method.name(), grpc::StubOptions(),
                   &sent, &received, [&](grpc::Status result) { status.set_value(std::move(result)); });
    const grpc::Status result = status.get_future().get();
    if (result.ok() && answer != nullptr) {
      grpc::Slice slice;
      EXPECT_TRUE(received.DumpToSingleSlice(&slice).ok());
      EXPECT_TRUE(answer->ParseFromArray(slice.begin(), static_cast<int>(slice.size())));
    }
    return FromGrpc(result);
  }

  // Sends a request that must succeed; answers what `field` of the first message in its response holds.
  static std::string Make(const std::string& method_name, const std::string& text, const std::string& field) {
    const MethodDescriptor* method = Find(method_name);
    auto request = New(method->input_type()), response = New(method->output_type());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get())) << text;
    AddRequestId(*request);
    const absl::Status made = Call(*method, *request, response.get());
    EXPECT_TRUE(made.ok()) << method_name << ": " << made;
    const Message& entity =
        response->GetReflection()->GetMessage(*response, response->GetDescriptor()->field(0));
    return entity.GetReflection()->GetString(entity, entity.GetDescriptor()->FindFieldByName(field));
  }

  // One line that changes with any row of what the customer service keeps; assignment and its jobs work on
  // their own.
  static std::string Fingerprint() {
    static const std::string sql = [] {
      std::string all;
      for (const std::string& table :
           suite_->Sql("SELECT table_name FROM information_schema.tables WHERE "
                       "table_schema = 'guanxi_customer' AND table_name "
                       "NOT IN ('outbox', 'inbox', 'job', 'lease', 'dead_letter', "
                       "'lead_assignment', 'workload', 'consumer_position') ORDER BY 1")) {
        const std::string row = table == "lead" ? "(t.id, t.verdict, t.customer_id)" : "t";
        all += (all.empty() ? "SELECT " : " || ' ' || ") +
               ("(SELECT '" + table + "=' || count(*) || '/' || coalesce(md5(string_agg(" + row +
                "::text, ',' ORDER BY t::text)), '') FROM guanxi_customer." + table + " t)");
      }
      for (const char* other : {"opportunity", "contract_credit"})
        all += std::string(" || ' ") + other + "=' || (SELECT count(*) FROM guanxi_" + other + ".outbox)";
      return all;
    }();
    return suite_->Sql(sql).at(0);
  }

  static inline testing::Suite* suite_ = nullptr;
};

// Puts the worst into every field of a message, two levels deep and more.
void Spoil(Message& message, const std::string& text, int depth = 0) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->is_map() || field->name() == "request_id") continue;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        field->is_repeated() ? reflection.AddString(&message, field, text)
                             : reflection.SetString(&message, field, text);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        field->is_repeated() ? reflection.AddEnumValue(&message, field, 9999)
                             : reflection.SetEnumValue(&message, field, 9999);
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        if (!field->is_repeated()) reflection.SetInt32(&message, field, -2147483647 - 1);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        if (!field->is_repeated()) reflection.SetInt64(&message, field, -9223372036854775807LL - 1);
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (depth < 4)
          Spoil(*(field->is_repeated() ? reflection.AddMessage(&message, field)
                                       : reflection.MutableMessage(&message, field)),
                text, depth + 1);
        break;
      default:
        break;
    }
  }
}

// From the descriptors: whatever a method takes, garbage in all its fields is the caller's fault, said so
// with the fields' names, and changes nothing.
TEST_F(BadInputTest, GarbageInEveryFieldIsTheCallersFault) {
  int calls = 0;
  for (const MethodDescriptor* method : UnaryMethodsThatTakeSomething()) {
    for (const std::string& text :
         {std::string("\xEF\xBB\xBF'; --"), Repeated("长", 20'000), std::string("\0x", 2)}) {
      SCOPED_TRACE(method->full_name());
      auto request = New(method->input_type());
      Spoil(*request, text);
      AddRequestId(*request);
      const std::string before = Fingerprint();
      const absl::Status answer = Call(*method, *request);
      const bool batch = method->name() == "BatchCaptureLeads";  // answers each item on its own
      EXPECT_TRUE(batch || answer.code() == StatusCode::kInvalidArgument) << answer;
      EXPECT_TRUE(answer.ok() || !errors::ViolationsOf(answer).empty()) << "no field is named";
      EXPECT_EQ(Fingerprint(), before) << "something has changed";
      ++calls;
    }
  }
  EXPECT_GT(calls, 150);
}

TEST_F(BadInputTest, EveryRowIsRefusedByNameAndChangesNothing) {
  const std::string customer =
      Make("CustomerService.CreateCustomer",
           "customer { name: '华为' external_id: 'taken' identifiers { key: 'domain' value: "
           "'acme.com' } } request_id: 'used'",
           "id");
  const std::string contact =
      Make("CustomerService.CreateContact", "contact { customer_id: '" + customer + "' name: '任' }", "id");
  const std::string unit = Make("crm.directory.v1.DirectoryService.CreateOrgUnit",
                                "org_unit { name: '总部' kind: ORG_UNIT_KIND_HEADQUARTERS }", "id");
  const std::string lead =
      Make("LeadService.CaptureLead", "lead { company: '中兴' org_unit_id: '" + unit + "' }", "id");

  for (const Row& row : kRows) {
    const std::string text = absl::StrReplaceAll(row.request, {{"$customer", customer},
                                                               {"$contact", contact},
                                                               {"$lead", lead},
                                                               {"$nobody", Uuid::New().ToString()},
                                                               {"$long", Repeated("长", 301)},
                                                               {"$tags", Repeated("tags: 't' ", 51)},
                                                               {"$key", Repeated("r", 129)}});
    SCOPED_TRACE(std::string(row.method) + " { " + text.substr(0, 300) + " }");
    const MethodDescriptor* method = Find(row.method);
    ASSERT_NE(method, nullptr);
    auto request = New(method->input_type());
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get()));
    AddRequestId(*request);

    const std::string before = Fingerprint();
    const absl::Status refused = Call(*method, *request);
    EXPECT_EQ(refused.code(), row.code) << refused;
    EXPECT_FALSE(errors::Reason(refused).empty()) << "no ErrorInfo";
    if (*row.field == '\0') {
      EXPECT_EQ(errors::Reason(refused), row.reason) << refused;
    } else {
      bool listed = false;
      std::string violations;
      for (const auto& violation : errors::ViolationsOf(refused)) {
        listed = listed || (violation.field == row.field && violation.reason == row.reason);
        violations += violation.field + " " + violation.reason + "; ";
        EXPECT_FALSE(violation.description.empty());
      }
      EXPECT_TRUE(listed) << violations << refused;
    }
    EXPECT_EQ(Fingerprint(), before) << "something has changed";
  }
}

TEST_F(BadInputTest, AllFaultsComeAtOnce) {
  const MethodDescriptor* method = Find("CustomerService.CreateCustomer");
  auto request = New(method->input_type());
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "customer { kind: 9 grade: 'D' parent_id: 'p' time_zone: 'T' owner_id: 'o' }", request.get()));
  std::vector<std::string> fields;
  for (const auto& violation : errors::ViolationsOf(Call(*method, *request)))
    fields.push_back(violation.field);
  EXPECT_THAT(fields, ::testing::UnorderedElementsAre("customer.name", "customer.kind", "customer.grade",
                                                      "customer.parent_id", "customer.time_zone",
                                                      "customer.owner_id", "request_id"));
}

}  // namespace
}  // namespace crm
