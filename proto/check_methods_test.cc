// The check that the build runs, on descriptor sets that it must and must not let through.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "crm/type/v1/options.pb.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/descriptor.pb.h"

namespace crm {
namespace {

using google::protobuf::FileDescriptorSet;
using google::protobuf::MethodDescriptorProto;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CheckMethodsTest : public ::testing::Test {
 protected:
  CheckMethodsTest() { Method("Right"); }
  ~CheckMethodsTest() override { unlink(path_.data()); }

  // A method that is let through; tests spoil it.
  MethodDescriptorProto& Method(const std::string& name) {
    if (set_.file_size() == 0) {
      set_.add_file()->set_package("crm.lead.v1");
      set_.mutable_file(0)->add_service()->set_name("LeadService");
    }
    MethodDescriptorProto& method = *set_.mutable_file(0)->mutable_service(0)->add_method();
    method.set_name(name);
    method.mutable_options()->SetExtension(type::v1::permission, "lead:read");
    method.mutable_options()->MutableExtension(google::api::http)->set_get("/v1/leads");
    return method;
  }

  // A message with one field of that name, which holds a message of `type` unless that is empty.
  void Message(const std::string& name, const std::string& field, const std::string& type = "") {
    google::protobuf::DescriptorProto& message = *set_.mutable_file(0)->add_message_type();
    message.set_name(name);
    message.add_field()->set_name(field);
    if (!type.empty()) message.mutable_field(0)->set_type_name(type);
  }

  // Its exit code; what it says is in `said_`.
  int Check() { return Check(set_.SerializeAsString()); }
  int Check(const std::string& bytes) {
    std::ofstream(path_.data(), std::ios::binary) << bytes;
    FILE* const output = popen((std::string(CRM_CHECK_METHODS " ") + path_.data() + " 2>&1").c_str(), "r");
    said_.clear();
    std::array<char, 512> part;
    for (std::size_t size; (size = fread(part.data(), 1, part.size(), output)) > 0;)
      said_.append(part.data(), size);
    return WEXITSTATUS(pclose(output));
  }

  FileDescriptorSet set_;
  std::string said_;

 private:
  std::string path_ = [] {
    std::string path = "/tmp/guanxi-methods-XXXXXX";
    close(mkstemp(path.data()));
    return path;
  }();
};

TEST_F(CheckMethodsTest, LetsThroughWhatIsComplete) {
  EXPECT_EQ(Check(), 0);
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(CheckMethodsTest, NamesTheMethodWithoutAPermission) {
  Method("Forgotten").mutable_options()->ClearExtension(type::v1::permission);
  EXPECT_EQ(Check(), 1);
  EXPECT_THAT(said_, AllOf(HasSubstr("crm.lead.v1.LeadService.Forgotten names no permission"),
                           Not(HasSubstr("Right"))));
}

TEST_F(CheckMethodsTest, NamesTheMethodWhosePermissionIsNone) {
  for (const char* permission : {"lead", ":read", "lead:", "Lead:read", "lead:read:all", "lead read", "*"}) {
    MethodDescriptorProto& method = Method("Odd");
    method.mutable_options()->SetExtension(type::v1::permission, permission);
    EXPECT_EQ(Check(), 1) << permission;
    EXPECT_THAT(said_, HasSubstr("crm.lead.v1.LeadService.Odd names a permission that is not")) << permission;
    set_.mutable_file(0)->mutable_service(0)->mutable_method()->RemoveLast();
  }
}

TEST_F(CheckMethodsTest, NamesThePublicUnaryMethodWithoutAPath) {
  MethodDescriptorProto& method = Method("Unreachable");
  method.mutable_options()->ClearExtension(google::api::http);
  EXPECT_EQ(Check(), 1);
  EXPECT_THAT(said_, HasSubstr("crm.lead.v1.LeadService.Unreachable has no HTTP path"));

  method.mutable_options()->SetExtension(type::v1::internal, true);
  EXPECT_EQ(Check(), 0) << said_;
  method.mutable_options()->ClearExtension(type::v1::internal);
  method.set_client_streaming(true);
  EXPECT_EQ(Check(), 0) << said_;
}

TEST_F(CheckMethodsTest, NamesThePublicWriteThatCannotBeRepeated) {
  Message("UpdateRequest", "etag");
  MethodDescriptorProto& method = Method("Unrepeatable");
  method.set_input_type(".crm.lead.v1.UpdateRequest");
  for (const char* permission : {"lead:update", "lead:import", "lead:reader"}) {
    method.mutable_options()->SetExtension(type::v1::permission, permission);
    for (const bool streaming : {false, true}) {
      method.set_client_streaming(streaming);
      EXPECT_EQ(Check(), 1) << permission;
      EXPECT_THAT(said_,
                  AllOf(HasSubstr("crm.lead.v1.LeadService.Unrepeatable writes, and has no request_id"),
                        Not(HasSubstr("Right"))));
    }
  }
  method.mutable_options()->SetExtension(type::v1::internal, true);
  EXPECT_EQ(Check(), 0) << said_;
}

TEST_F(CheckMethodsTest, TakesTheRequestIdOfAnEntryOrAHeaderToo) {
  Message("CreateRequest", "request_id");
  Message("BatchCreateRequest", "requests", ".crm.lead.v1.CreateRequest");
  Message("StrangeRequest", "request", ".google.longrunning.CreateRequest");
  MethodDescriptorProto& method = Method("Write");
  method.mutable_options()->SetExtension(type::v1::permission, "lead:create");
  for (const char* good : {"CreateRequest", "BatchCreateRequest"}) {
    method.set_input_type(std::string(".crm.lead.v1.") + good);
    EXPECT_EQ(Check(), 0) << said_;
  }
  method.set_input_type(".crm.lead.v1.StrangeRequest");
  EXPECT_EQ(Check(), 1);
}

TEST_F(CheckMethodsTest, CountsEveryFaultAndOnlyOurs) {
  Method("First").mutable_options()->ClearExtension(type::v1::permission);
  Method("Second").mutable_options()->ClearExtension(type::v1::permission);
  EXPECT_EQ(Check(), 1);
  EXPECT_THAT(said_, AllOf(HasSubstr("First"), HasSubstr("Second")));
  set_.mutable_file(0)->set_package("google.longrunning");
  EXPECT_EQ(Check(), 0) << said_;
}

TEST_F(CheckMethodsTest, SaysThatItCannotRead) {
  EXPECT_EQ(Check("no descriptors"), 2);
  EXPECT_THAT(said_, HasSubstr("cannot read a descriptor set"));
}

}  // namespace
}  // namespace crm
