#include "tests/contract/bad_input.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <fstream>
#include <future>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/testing/concurrent.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"

namespace crm::testing {
namespace {

using google::protobuf::DescriptorPool;

struct Area {
  const char *package, *process;
};
constexpr Area kAreas[] = {{"crm.directory.v1", "customer"},      {"crm.customer.v1", "customer"},
                           {"crm.opportunity.v1", "opportunity"}, {"crm.contract.v1", "contract_credit"},
                           {"crm.analytics.v1", "analytics"},     {"crm.event.v1", "customer"}};

// Who hears whose events.
struct Hearing {
  const char *service, *source;
};
constexpr Hearing kHearings[] = {
    {"customer", "opportunity"},        {"customer", "contract_credit"}, {"opportunity", "customer"},
    {"opportunity", "contract_credit"}, {"contract_credit", "customer"}, {"contract_credit", "opportunity"},
    {"analytics", "customer"},          {"analytics", "opportunity"},    {"analytics", "contract_credit"}};

// The processes end with the tests.
struct Ending : ::testing::Environment {
  void TearDown() override { BadInput::End(); }
};
const ::testing::Environment* const kEnding = ::testing::AddGlobalTestEnvironment(new Ending);

// "quote.lines[0].quantity", "customer.identifiers[\"domain\"]".
bool IsPathIn(const google::protobuf::Descriptor* type, const std::string& path) {
  for (const absl::string_view part : absl::StrSplit(path, '.')) {
    if (type == nullptr) return false;
    const std::string name(part.substr(0, part.find('[')));
    const auto* field = type->FindFieldByName(name);
    if (field == nullptr) return type->FindOneofByName(name) != nullptr;
    if (field->is_map()) return true;
    type = field->message_type();
  }
  return true;
}

// A violation's reason stands before its description.
std::string Fault(const std::string& field, const std::string& description) {
  EXPECT_THAT(description, ::testing::ContainsRegex("^[A-Z0-9_]+: ."));
  return field + " " + description.substr(0, description.find(':'));
}

std::string PercentEncoded(const std::string& text) {
  std::string encoded;
  for (const char c : text)
    absl::StrAppend(&encoded, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
  return encoded;
}

}  // namespace

Refusal RefusalOf(const grpc::Status& status) {
  Refusal refusal;
  refusal.code = google::rpc::Code_Name(static_cast<google::rpc::Code>(status.error_code()));
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  for (const auto& detail : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    if (detail.UnpackTo(&info)) {
      refusal.reason = info.reason();
      if (info.metadata().contains("field"))
        refusal.faults.push_back(info.metadata().at("field") + " " + info.reason());
    } else if (detail.UnpackTo(&bad)) {
      for (const auto& violation : bad.field_violations())
        refusal.faults.push_back(Fault(violation.field(), violation.description()));
    }
  }
  return refusal;
}

Refusal RefusalOf(const HttpResponse& response) {
  google::protobuf::Struct body;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(response.body, &body).ok()) << response.body;
  if (response.status == 200) return {"OK", "", {}};
  const auto& error = body.fields().at("error").struct_value().fields();
  EXPECT_EQ(error.at("code").number_value(), response.status);
  Refusal refusal;
  refusal.code = error.at("status").string_value();
  for (const auto& detail : error.at("details").list_value().values()) {
    const auto& fields = detail.struct_value().fields();
    if (fields.contains("reason")) refusal.reason = fields.at("reason").string_value();
    if (fields.contains("metadata")) {
      const auto& metadata = fields.at("metadata").struct_value().fields();
      if (metadata.contains("field"))
        refusal.faults.push_back(metadata.at("field").string_value() + " " + refusal.reason);
    }
    if (!fields.contains("field_violations")) continue;
    for (const auto& violation : fields.at("field_violations").list_value().values()) {
      const auto& fault = violation.struct_value().fields();
      refusal.faults.push_back(Fault(fault.contains("field") ? fault.at("field").string_value() : "",
                                     fault.at("description").string_value()));
    }
  }
  return refusal;
}

void BadInput::SetUpTestSuite() {
  if (suite_ != nullptr) return;
  suite_ = std::make_unique<Suite>();
  bearer_ = "Bearer " + suite_->Token();
  const auto repeated = [](const std::string& text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) result += text;
    return result;
  };
  world_ = {{"nobody", Uuid::New().ToString()},
            {"long", repeated("长", 301)},
            {"tags", repeated("tags: 't' ", 51)},
            {"key", repeated("r", 129)},
            {"nul", std::string(1, '\0')}};
  MakeCustomers();
  MakeDeals();
  MakeContracts();
}

std::string BadInput::Expand(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& [name, value] : world_) names.emplace_back("$" + name, value);
  return absl::StrReplaceAll(text, names);
}

void BadInput::ExpectRefused(const Refusal& refusal, const std::string& code, const std::string& field,
                             const std::string& reason) {
  EXPECT_EQ(refusal.code, code);
  if (field.empty()) {
    EXPECT_EQ(refusal.reason, reason);
  } else {
    EXPECT_FALSE(refusal.reason.empty());
    EXPECT_THAT(refusal.faults, ::testing::Contains(field + " " + reason));
  }
}

void BadInput::ExpectNamesFieldsOf(const google::protobuf::Descriptor& request, const Refusal& refusal) {
  if (refusal.code == kPrecondition) return;
  for (const std::string& fault : refusal.faults)
    EXPECT_TRUE(IsPathIn(&request, fault.substr(0, fault.rfind(' ')))) << fault;
}

void BadInput::ExpectRefused(absl::Span<const Row> rows) {
  for (const Row& row : rows) {
    const std::string text = Expand(row.request);
    SCOPED_TRACE(std::string(row.method) + " { " + text.substr(0, 300) + " }");
    const MethodDescriptor* method = Find(row.method);
    ASSERT_NE(method, nullptr);
    auto request = New(method->input_type());
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get()));
    AddRequestId(*request);
    ExpectUnchanged([&] {
      const Refusal refusal = RefusalOf(Call(*method, *request, Bearer()));
      ExpectRefused(refusal, row.code, row.field, row.reason);
      ExpectNamesFieldsOf(*method->input_type(), refusal);
    });
  }
}

void BadInput::ExpectUnchanged(const std::function<void()>& run, const std::vector<std::string>& but_for) {
  const auto kept = [&] {
    Settle();
    std::vector<std::string> state = State();
    std::erase_if(state, [&](const std::string& line) {
      return std::ranges::any_of(but_for, [&](const auto& name) { return absl::StrContains(line, name); });
    });
    return state;
  };
  const auto before = kept();
  run();
  EXPECT_EQ(kept(), before) << "something has changed";
}

// A line for each table, and for each type of event.
std::vector<std::string> BadInput::State() {
  static const std::string sql = [] {
    std::string all = "SET jit = off; SELECT * FROM (";
    for (const std::string& name :
         suite_->Sql("SELECT table_schema || '.' || table_name FROM information_schema.tables"
                     " WHERE table_schema LIKE 'guanxi\\_%'"
                     " AND table_name NOT IN ('lease', 'consumer_position', 'inbox', 'outbox')"))
      absl::StrAppend(&all, "SELECT '", name, " ' || count(*) || ' ' ||",
                      " coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM ", name,
                      " t UNION ALL ");
    for (const std::string& service : Suite::Services())
      absl::StrAppend(&all, service == Suite::Services().front() ? "" : " UNION ALL ", "SELECT '", service,
                      " ' || type || ' ' || count(*) FROM guanxi_", service, ".outbox GROUP BY type");
    return all + ") AS line ORDER BY 1";
  }();
  return suite_->Sql(sql);
}

void BadInput::Settle() {
  EXPECT_TRUE(Eventually(Settled, std::chrono::seconds(60))) << "events or jobs never came to rest";
}

bool BadInput::Settled() {
  static const std::string sql = [] {
    std::string unheard = "SET jit = off; SELECT 0";
    for (const std::string& service : Suite::Services())
      absl::StrAppend(&unheard, " + (SELECT count(*) FROM guanxi_", service, ".unsent_event)",
                      " + (SELECT count(*) FROM guanxi_", service, ".job WHERE state = 'LEASED'",
                      " OR state = 'PENDING' AND due_time < now() + interval '1 second')");
    for (const auto& [service, source] : kHearings)
      absl::StrAppend(&unheard, " + (SELECT count(*) FROM guanxi_", source,
                      ".outbox) - (SELECT count(*) FROM guanxi_", service, ".inbox WHERE source = '", source,
                      "')");
    return unheard;
  }();
  return suite_->Sql(sql).at(0) == "0";
}

const google::protobuf::MethodDescriptor* BadInput::Find(const std::string& method) {
  for (const Area& area : kAreas)
    if (const auto* found =
            DescriptorPool::generated_pool()->FindMethodByName(absl::StrCat(area.package, ".", method)))
      return found;
  return nullptr;
}

std::vector<const google::protobuf::MethodDescriptor*> BadInput::UnaryMethods() {
  std::ifstream file(CRM_DESCRIPTOR_SET, std::ios::binary);
  google::protobuf::FileDescriptorSet set;
  EXPECT_TRUE(set.ParseFromIstream(&file));
  std::vector<const MethodDescriptor*> methods;
  for (const auto& proto : set.file()) {
    const auto* known = DescriptorPool::generated_pool()->FindFileByName(proto.name());
    for (int s = 0; known != nullptr && s < known->service_count(); ++s)
      for (int m = 0; m < known->service(s)->method_count(); ++m) {
        const MethodDescriptor* method = known->service(s)->method(m);
        if (!method->client_streaming() && !method->server_streaming()) methods.push_back(method);
      }
  }
  return methods;
}

std::unique_ptr<google::protobuf::Message> BadInput::New(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

void BadInput::AddRequestId(Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field != nullptr && request.GetReflection()->GetString(request, field).empty())
    request.GetReflection()->SetString(&request, field, Uuid::New().ToString());
}

grpc::Status BadInput::Call(const MethodDescriptor& method, const Message& request,
                            const std::string& authorization, Message* answer) {
  const auto area = std::ranges::find(kAreas, method.file()->package(), &Area::package);
  grpc::GenericStub stub(suite_->Channel(area->process));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  if (!authorization.empty()) context.AddMetadata("authorization", authorization);
  const grpc::Slice bytes(request.SerializeAsString());
  const grpc::ByteBuffer sent(&bytes, 1);
  grpc::ByteBuffer received;
  std::promise<grpc::Status> ended;
  stub.UnaryCall(&context, "/" + method.service()->full_name() + "/" + method.name(), grpc::StubOptions(),
                 &sent, &received, [&](grpc::Status result) { ended.set_value(std::move(result)); });
  const grpc::Status status = ended.get_future().get();
  if (status.ok() && answer != nullptr) {
    grpc::Slice slice;
    EXPECT_TRUE(received.DumpToSingleSlice(&slice).ok());
    EXPECT_TRUE(answer->ParseFromArray(slice.begin(), static_cast<int>(slice.size())));
  }
  return status;
}

std::string BadInput::Target(const std::string& path, const Parameters& parameters) {
  std::string target = path;
  for (const auto& [name, value] : parameters)
    absl::StrAppend(&target, target == path ? "?" : "&", name, "=", PercentEncoded(value));
  return target;
}

HttpResponse BadInput::Upload(const std::string& path, const Parameters& parameters,
                              const std::string& bytes) {
  return Http(suite().gateway(), "POST", Target(path, parameters), bytes,
              {{"authorization", Bearer()}, {"content-type", "text/csv"}});
}

std::string BadInput::Make(const std::string& method_name, const std::string& text,
                           const std::string& field) {
  const MethodDescriptor* method = Find(method_name);
  auto request = New(method->input_type()), response = New(method->output_type());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(Expand(text), request.get())) << text;
  AddRequestId(*request);
  const grpc::Status made = Call(*method, *request, Bearer(), response.get());
  EXPECT_TRUE(made.ok()) << method_name << " { " << text << " }: " << made.error_message();
  const Message& entity =
      response->GetReflection()->GetMessage(*response, response->GetDescriptor()->field(0));
  return entity.GetReflection()->GetString(entity, entity.GetDescriptor()->FindFieldByName(field));
}

}  // namespace crm::testing
