#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/substitute.h"
#include "tests/support/suite.h"

namespace crm {
namespace {

using absl::Substitute;

TEST(RolesTest, ARoleSeesNoOtherServicesSchema) {
  const testing::Suite suite;
  for (const std::string& service : testing::Suite::Services()) {
    const auto visible = suite.Sql(Substitute(
        R"(SELECT nspname FROM pg_namespace WHERE nspname LIKE 'guanxi\_%' AND nspname <> '$0'
             AND (has_schema_privilege('$0', nspname, 'USAGE')
                  OR has_schema_privilege('$0', nspname, 'CREATE')))",
        "guanxi_" + service));
    EXPECT_THAT(visible, ::testing::IsEmpty()) << service;
    EXPECT_THROW(suite.Sql(Substitute("SET ROLE guanxi_$0; CREATE TABLE guanxi_$0.x (i int)", service)),
                 std::runtime_error);
    EXPECT_NO_THROW(suite.Sql(Substitute("SET ROLE guanxi_$0; SELECT 1 FROM guanxi_$0.outbox", service)));
  }
  EXPECT_THROW(suite.Sql("SET ROLE guanxi_analytics; SELECT 1 FROM guanxi_customer.lead"),
               std::runtime_error);
}

}  // namespace
}  // namespace crm
