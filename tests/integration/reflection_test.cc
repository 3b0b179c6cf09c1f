#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/integration/raw_stream.h"
#include "tests/support/suite.h"

namespace crm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawStream;

// grpc.reflection.v1alpha.ServerReflectionRequest { list_services: "" }: field 7, no bytes.
const std::string kListServices("\x3a\x00", 2);

class ReflectionTest : public ::testing::Test {
 protected:
  std::unique_ptr<RawStream> Ask() const {
    return std::make_unique<RawStream>(suite_.Channel("customer"),
                                       "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                       kListServices);
  }

  testing::Suite suite_;
};

TEST_F(ReflectionTest, AnswersWhenItIsSwitchedOnAndNotBefore) {
  const auto off = Ask();
  EXPECT_FALSE(off->Read());
  EXPECT_EQ(off->Leave().error_code(), grpc::StatusCode::UNIMPLEMENTED);

  suite_.Kill("customer", SIGTERM);
  setenv("GUANXI_REFLECTION", "true", 1);
  suite_.Start("customer");
  unsetenv("GUANXI_REFLECTION");
  suite_.WaitUntilServing();

  EXPECT_THAT(Ask()->Read().value_or("nothing"),
              AllOf(HasSubstr("crm.customer.v1.LeadService"), HasSubstr("crm.customer.v1.ImportService"),
                    HasSubstr("crm.directory.v1.DirectoryService"), HasSubstr("crm.event.v1.EventLogService"),
                    Not(HasSubstr("crm.opportunity.v1"))));
}

}  // namespace
}  // namespace crm
