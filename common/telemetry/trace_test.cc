#include "common/telemetry/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crm {
namespace {

using ::testing::MatchesRegex;

TEST(TraceTest, ATraceIsCarriedOn) {
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_EQ(TraceparentOr(trace), trace);
}

TEST(TraceTest, WhatIsNoTraceIsReplacedByANewOne) {
  for (const char* bad : {"", "nonsense", "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
                          "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                          "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
                          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331\",\"1"}) {
    const std::string made = TraceparentOr(bad);
    EXPECT_THAT(made, MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-01")) << bad;
    EXPECT_NE(made, TraceparentOr(bad));
    EXPECT_EQ(TraceparentOr(made), made);
  }
}

}  // namespace
}  // namespace crm
