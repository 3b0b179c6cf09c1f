// From the descriptors: whatever a method takes, garbage in all its fields is the caller's fault, said so
// with the fields' names, and changes nothing.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>

#include <fstream>

#include "tests/contract/bad_input.h"

namespace crm::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::Reflection;

std::vector<const MethodDescriptor*> UnaryMethodsThatTakeSomething() {
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

TEST_F(BadInput, InEveryFieldIsTheCallersFault) {
  std::string long_text;
  for (int i = 0; i < 20'000; ++i) long_text += "长";
  int calls = 0;
  for (const MethodDescriptor* method : UnaryMethodsThatTakeSomething()) {
    for (const std::string& text : {std::string("\xEF\xBB\xBF'; --"), long_text, std::string("\0x", 2)}) {
      SCOPED_TRACE(method->full_name());
      auto request = New(method->input_type());
      Spoil(*request, text);
      AddRequestId(*request);
      ExpectUnchanged([&] {
        const grpc::Status answer = Call(*method, *request, Bearer());
        if (method->name() == "BatchCaptureLeads" && answer.ok()) return;  // answers each item on its own
        const Refusal refusal = RefusalOf(answer);
        EXPECT_EQ(refusal.code, kInvalid) << answer.error_message();
        EXPECT_FALSE(refusal.faults.empty()) << "no field is named";
      });
      ++calls;
    }
  }
  EXPECT_GT(calls, 150);
}

TEST_F(BadInput, IsToldAllItsFaultsAtOnce) {
  const MethodDescriptor* method = Find("CustomerService.CreateCustomer");
  auto request = New(method->input_type());
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "customer { kind: 9 grade: 'D' parent_id: 'p' time_zone: 'T' owner_id: 'o' }", request.get()));
  EXPECT_THAT(RefusalOf(Call(*method, *request, Bearer())).faults,
              ::testing::UnorderedElementsAre("customer.name REQUIRED", "customer.kind UNKNOWN_VALUE",
                                              "customer.grade UNKNOWN_VALUE", "customer.parent_id MALFORMED",
                                              "customer.time_zone UNKNOWN_VALUE",
                                              "customer.owner_id MALFORMED", "request_id REQUIRED"));
}

}  // namespace
}  // namespace crm::testing
