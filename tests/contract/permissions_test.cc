// Written from the descriptors: every method of every service is called without a token, with an expired one,
// with the wrong and with the right permission, over gRPC and, where it has a path, over JSON. A new method
// is covered the moment it is declared.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "crm/type/v1/options.pb.h"
#include "tests/contract/json_form.h"
#include "tests/support/http.h"
#include "tests/support/suite.h"

namespace crm {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;
using ::testing::Ne;

// Which processes serve a package.
const std::map<std::string, std::vector<std::string>>& Processes() {
  static const std::map<std::string, std::vector<std::string>> processes = {
      {"crm.directory.v1", {"customer"}},      {"crm.customer.v1", {"customer"}},
      {"crm.opportunity.v1", {"opportunity"}}, {"crm.contract.v1", {"contract_credit"}},
      {"crm.analytics.v1", {"analytics"}},     {"crm.event.v1", testing::Suite::Services()},
  };
  return processes;
}

struct Method {
  const MethodDescriptor* descriptor;
  std::string process, path, permission;
};

std::vector<Method> AllMethods() {
  std::ifstream file(CRM_DESCRIPTOR_SET, std::ios::binary);
  google::protobuf::FileDescriptorSet set;
  EXPECT_TRUE(set.ParseFromIstream(&file));
  static DescriptorPool pool;
  std::vector<Method> methods;
  for (const auto& proto : set.file()) {
    const auto* descriptor = pool.BuildFile(proto);
    for (int s = 0; s < descriptor->service_count(); ++s)
      for (int m = 0; m < descriptor->service(s)->method_count(); ++m) {
        const auto* method = descriptor->service(s)->method(m);
        for (const std::string& process : Processes().at(std::string(descriptor->package())))
          methods.push_back({method, process, "/" + method->service()->full_name() + "/" + method->name(),
                             method->options().GetExtension(crm::type::v1::permission)});
      }
  }
  return methods;
}

class PermissionsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { suite_ = new testing::Suite(); }
  static void TearDownTestSuite() {
    delete suite_;
    suite_ = nullptr;
  }

  static grpc::StatusCode Call(const Method& method, const std::string& token) {
    grpc::GenericStub stub(suite_->Channel(method.process));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    grpc::ByteBuffer request, response;
    const grpc::Slice empty("", 0);
    request = grpc::ByteBuffer(&empty, 1);
    std::promise<grpc::StatusCode> code;
    stub.UnaryCall(&context, method.path, grpc::StubOptions(), &request, &response,
                   [&](grpc::Status status) { code.set_value(status.error_code()); });
    return code.get_future().get();
  }

  // The HTTP status of the method's JSON form; 0 when it has none.
  static int CallJson(const Method& method, const std::string& token) {
    const auto form = testing::JsonFormOf(*method.descriptor);
    if (!form) return 0;
    const std::string path = form->PathWith([](const std::string&) { return Uuid::New().ToString(); });
    std::map<std::string, std::string> headers;
    if (!token.empty()) headers["authorization"] = "Bearer " + token;
    return testing::Http(suite_->gateway(), form->verb, path, form->has_body ? "{}" : "", headers).status;
  }

  static inline testing::Suite* suite_ = nullptr;
};

TEST_F(PermissionsTest, EveryMethodIsThereAndLetsInOnlyWhoMay) {
  const std::string expired = suite_->Token({"*"}, Uuid::New(), absl::Hours(-1));
  const std::string wrong = suite_->Token({"nothing:read"});
  int methods = 0;
  for (const Method& method : AllMethods()) {
    SCOPED_TRACE(method.process + method.path);
    ++methods;
    ASSERT_FALSE(method.permission.empty());
    const std::string right = suite_->Token({method.permission});
    EXPECT_EQ(Call(method, ""), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(Call(method, expired), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(Call(method, wrong), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_THAT(
        Call(method, right),
        ::testing::AllOf(Ne(grpc::StatusCode::UNAUTHENTICATED), Ne(grpc::StatusCode::PERMISSION_DENIED),
                         Ne(grpc::StatusCode::UNAVAILABLE), Ne(grpc::StatusCode::UNIMPLEMENTED)));
    if (method.descriptor->options().GetExtension(crm::type::v1::internal)) continue;
    if (!testing::JsonFormOf(*method.descriptor)) continue;
    EXPECT_EQ(CallJson(method, ""), 401);
    EXPECT_EQ(CallJson(method, expired), 401);
    EXPECT_EQ(CallJson(method, wrong), 403);
    EXPECT_THAT(CallJson(method, right), ::testing::AllOf(Ne(401), Ne(403), Ne(405), Ne(501), Ne(503)));
  }
  EXPECT_GT(methods, 50);
}

}  // namespace
}  // namespace crm
