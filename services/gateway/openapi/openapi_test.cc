#include "services/gateway/openapi/openapi.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "services/gateway/openapi/descriptor_set.h"

namespace crm::gateway {
namespace {

using google::protobuf::Struct;

const Routes& All() {
  static const auto* routes = new Routes(*Routes::Of(LinkedServices(DescriptorSet())));
  return *routes;
}

const Struct& Document() {
  static const auto* document = [] {
    auto* parsed = new Struct;
    const auto status = google::protobuf::util::JsonStringToMessage(OpenApi(All(), DescriptorSet()), parsed);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return parsed;
  }();
  return *document;
}

const Struct& Under(const Struct& from, const std::string& name) {
  return from.fields().at(name).struct_value();
}

TEST(OpenApi, CoversEveryPublicMethod) {
  ASSERT_GT(All().methods().size(), 30u);
  const Struct& paths = Under(Document(), "paths");
  for (const Method& method : All().methods()) {
    if (!method.unary() && !method.upload()) continue;
    ASSERT_TRUE(paths.fields().contains(method.path.text())) << method.grpc_path;
    std::string verb = method.verb;
    for (char& c : verb) c = static_cast<char>(std::tolower(c));
    const Struct& operation = Under(Under(paths, method.path.text()), verb);
    EXPECT_EQ(operation.fields().at("x-grpc-method").string_value(), method.grpc_path);
    EXPECT_FALSE(operation.fields().at("summary").string_value().empty()) << method.grpc_path;
    EXPECT_FALSE(operation.fields().at("x-permission").string_value().empty()) << method.grpc_path;
    for (const std::string& variable : method.path.variables()) {
      bool named = false;
      for (const auto& parameter : operation.fields().at("parameters").list_value().values())
        named |= parameter.struct_value().fields().at("name").string_value() == variable;
      EXPECT_TRUE(named) << method.grpc_path << " " << variable;
    }
  }
}

void ExpectReferencesResolve(const google::protobuf::Value& value, const Struct& schemas) {
  for (const auto& item : value.list_value().values()) ExpectReferencesResolve(item, schemas);
  for (const auto& [name, member] : value.struct_value().fields()) {
    if (name == "$ref") {
      const std::string target = member.string_value();
      EXPECT_TRUE(schemas.fields().contains(target.substr(target.rfind('/') + 1))) << target;
    } else {
      ExpectReferencesResolve(member, schemas);
    }
  }
}

TEST(OpenApi, HasNoDanglingReference) {
  google::protobuf::Value whole;
  *whole.mutable_struct_value() = Document();
  ExpectReferencesResolve(whole, Under(Under(Document(), "components"), "schemas"));
}

TEST(OpenApi, ShowsNothingInternal) {
  const std::string text = OpenApi(All(), DescriptorSet());
  EXPECT_EQ(text.find("EventLogService"), text.npos);
  EXPECT_NE(text.find("google.rpc.ErrorInfo"), text.npos);
}

}  // namespace
}  // namespace crm::gateway
