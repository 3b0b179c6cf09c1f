#include "common/testing/write_methods.h"
#include "gmock/gmock.h"

namespace crm::analytics {
namespace {

// Everything it keeps comes from events.
TEST(AnalyticsService, HasNoMethodThatWrites) {
  EXPECT_THAT(testing::WriteMethodsOf("analytics"), ::testing::IsEmpty());
}

}  // namespace
}  // namespace crm::analytics
