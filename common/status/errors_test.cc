#include "common/status/errors.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <set>

#include "common/status/to_grpc.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"

namespace crm {
namespace {

TEST(Errors, AllViolationsAreListedAtOnceAndSurviveTheWire) {
  errors::Violations violations;
  EXPECT_TRUE(violations.ToStatus().ok());
  violations.Add("name", "REQUIRED", "give a name");
  violations.Add("items[1].amount", "NEGATIVE", "must be 0 or more");
  const absl::Status status = FromGrpc(ToGrpc(violations.ToStatus()));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(errors::Reason(status), "INVALID_FIELDS");
  const auto listed = errors::ViolationsOf(status);
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[1].field, "items[1].amount");
  EXPECT_EQ(listed[1].reason, "NEGATIVE");
  EXPECT_EQ(listed[1].description, "must be 0 or more");
}

TEST(Errors, WhateverIsQuotedAnErrorFitsIntoItsHeaders) {
  std::string long_text;
  for (int i = 0; i < 20'000; ++i) long_text += "长";
  errors::Violations violations;
  for (int i = 0; i < 300; ++i) violations.Add("tags[" + long_text + "]", "TOO_LONG", long_text);
  for (const absl::Status& status : {violations.ToStatus(), errors::NotFound("customer", long_text),
                                     errors::AlreadyExists("customer", "external_id", long_text)}) {
    const grpc::Status sent = ToGrpc(status);
    EXPECT_LT(sent.error_message().size() * 3 + sent.error_details().size() * 4 / 3, 8000u);
  }
  const auto listed = errors::ViolationsOf(violations.ToStatus());
  EXPECT_GT(listed.size(), 5u);
  EXPECT_EQ(listed.back().reason, "MORE");
}

TEST(Errors, ViolationsWithoutEndTakeLittleMemoryAndAreCounted) {
  errors::Violations violations;
  const std::size_t before = mallinfo2().uordblks;
  for (int i = 0; i < 500'000; ++i)
    violations.Add("tags[" + std::to_string(i) + "]", "WRONG_TYPE", "must be text, in double quotes");
  EXPECT_LT(mallinfo2().uordblks - before, 1024u * 1024);
  const auto listed = errors::ViolationsOf(violations.ToStatus());
  ASSERT_FALSE(listed.empty());
  EXPECT_EQ(listed.back().description.substr(0, 7), std::to_string(500'001 - listed.size()) + " ");
}

TEST(Errors, TwoFaultsOfOneRequestAreToldTogether) {
  errors::Violations violations;
  violations.Add("amount", "NEGATIVE", "must be 0 or more");
  const absl::Status status = errors::Both(errors::Both(errors::NotFound("org_unit", "1", "org_unit_id"),
                                                        errors::NotFound("employee", "2", "manager_id")),
                                           violations.ToStatus());
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(errors::Reason(status), "ORG_UNIT_NOT_FOUND");
  google::rpc::Status sent;
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(sent.ParseFromString(ToGrpc(status).error_details()));
  ASSERT_TRUE(sent.details(0).UnpackTo(&info));
  EXPECT_EQ(info.metadata().at("field"), "org_unit_id");
  std::vector<std::string> faults;
  for (const errors::Violation& one : errors::ViolationsOf(status))
    faults.push_back(one.field + " " + one.reason);
  EXPECT_EQ(faults, (std::vector<std::string>{"org_unit_id ORG_UNIT_NOT_FOUND",
                                              "manager_id EMPLOYEE_NOT_FOUND", "amount NEGATIVE"}));
}

TEST(Errors, TheSameErrorIsTheSameOnTheWire) {
  std::vector<absl::Status> made;
  std::set<std::string> sent;
  for (int i = 0; i < 100; ++i) {
    errors::Violations violations;
    violations.Add("name", "REQUIRED", "must not be empty");
    made.push_back(violations.ToStatus());
    sent.insert(ToGrpc(made.back()).error_details());
  }
  EXPECT_EQ(sent.size(), 1);
}

TEST(Errors, InternalErrorsLeakNothing) {
  const absl::Status status = errors::Internal("SELECT secret FROM table");
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message().find("secret"), absl::string_view::npos);
}

}  // namespace
}  // namespace crm
