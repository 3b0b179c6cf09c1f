#include "services/gateway/grpc_web/framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "common/status/errors.h"

namespace crm::gateway::grpc_web {
namespace {

using testing::ElementsAre;
using namespace std::string_literals;

TEST(Framing, KnowsItsContentTypes) {
  Mode mode{};
  EXPECT_TRUE(ModeOf("application/grpc-web+proto", mode));
  EXPECT_EQ(mode, Mode::kBinary);
  EXPECT_TRUE(ModeOf("application/grpc-web-text; charset=utf-8", mode));
  EXPECT_EQ(mode, Mode::kText);
  EXPECT_FALSE(ModeOf("application/grpc", mode));
  EXPECT_FALSE(ModeOf("application/grpc-web+json", mode));
}

TEST(Framing, ReadsWhatItWrites) {
  for (const Mode mode : {Mode::kBinary, Mode::kText}) {
    const auto read = ReadFrames(
        DataFrame("", mode) + DataFrame("ab\0c"s, mode) + DataFrame(std::string(300, 'x'), mode), mode);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_THAT(*read, ElementsAre("", "ab\0c"s, std::string(300, 'x')));
  }
}

TEST(Framing, RefusesWhatIsCutOffOrCompressed) {
  const std::string frame = DataFrame("abc", Mode::kBinary);
  for (std::size_t length = 1; length < frame.size(); ++length)
    EXPECT_EQ(errors::Reason(ReadFrames(frame.substr(0, length), Mode::kBinary).status()), "MALFORMED_FRAME")
        << length;
  EXPECT_EQ(errors::Reason(ReadFrames("\x01\0\0\0\0"s, Mode::kBinary).status()), "COMPRESSED_FRAME");
  EXPECT_EQ(errors::Reason(ReadFrames("\x80\0\0\0\0"s, Mode::kBinary).status()), "MALFORMED_FRAME");
  EXPECT_EQ(errors::Reason(ReadFrames("\0\xff\xff\xff\xff"s, Mode::kBinary).status()), "MALFORMED_FRAME");
  EXPECT_EQ(errors::Reason(ReadFrames("no base64!", Mode::kText).status()), "MALFORMED_FRAME");
}

TEST(Framing, WritesTrailers) {
  EXPECT_EQ(TrailerFrame(grpc::Status::OK, Mode::kBinary), "\x80\0\0\0\x0fgrpc-status:0\r\n"s);
  const std::string frame = TrailerFrame({grpc::StatusCode::NOT_FOUND, "无 100%", "\x01\x02"}, Mode::kBinary);
  EXPECT_EQ(frame.substr(5),
            "grpc-status:5\r\ngrpc-message:%e6%97%a0 100%25\r\ngrpc-status-details-bin:AQI\r\n");
  std::string decoded;
  ASSERT_TRUE(absl::Base64Unescape(TrailerFrame(grpc::Status::OK, Mode::kText), &decoded));
  EXPECT_EQ(decoded, TrailerFrame(grpc::Status::OK, Mode::kBinary));
}

TEST(Framing, ReadsTimeouts) {
  EXPECT_EQ(TimeoutMillis("5S"), 5000);
  EXPECT_EQ(TimeoutMillis("250m"), 250);
  EXPECT_EQ(TimeoutMillis("1H"), 3600000);
  EXPECT_EQ(TimeoutMillis("1500u"), 1);
  for (const char* bad : {"", "5", "S", "-1S", "1x", "1.5S", "123456789S"})
    EXPECT_EQ(TimeoutMillis(bad), 0) << bad;
}

}  // namespace
}  // namespace crm::gateway::grpc_web
