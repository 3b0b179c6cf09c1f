#include <gmock/gmock.h>

#include "services/gateway/http/test_backend.h"

namespace crm::gateway {
namespace {

using testing::HasSubstr;

class Uploads : public GatewayTest {};

TEST_F(Uploads, StreamAFileOfAnySize) {
  StartGateway();
  auto client = Connect();
  const std::string file(20 * 1024 * 1024 + 7, 'x');
  const auto answer = client.Call("POST", "/v1/imports/leads?name=a.csv&request_id=r&mapping.source=origin",
                                  file, "Content-Type: text/csv\r\n");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr(absl::StrCat(R"("rows_read":")", file.size(), "\"")));
  EXPECT_THAT(answer.body, HasSubstr(R"("mapping":{"source":"origin"})"));
  EXPECT_EQ(client.Call("GET", "/v1/leads/1").status, 200) << "the connection goes on";
}

TEST_F(Uploads, TakeChunkedBodiesAndWaitForContinue) {
  StartGateway();
  auto client = Connect();
  client.Send(
      "POST /v1/imports/leads?name=a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: "
      "100-continue\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  client.Send("5\r\nhello\r\n");
  absl::SleepFor(absl::Milliseconds(20));
  client.Send("7\r\n, world\r\n0\r\n\r\n");
  const auto answer = client.Read();
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr(R"("rows_read":"12")"));
}

TEST_F(Uploads, TakeAnEmptyFile) {
  StartGateway();
  auto client = Connect();
  const auto answer = client.Call("POST", "/v1/imports/leads?name=a", "", "Content-Length: 0\r\n");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr(R"("rows_read":"0")"));
}

TEST_F(Uploads, EndEarlyWhenRefused) {
  StartGateway();
  auto client = Connect();
  client.Send("POST /v1/imports/leads?name=refused HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
  for (int i = 0; i < 50 && client.Send(std::string(65536, 'x')); ++i) {
  }
  const auto answer = client.Read();
  EXPECT_EQ(answer.status, 403) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr("PERMISSION_MISSING"));
  EXPECT_EQ(answer.headers.at("connection"), "close");
}

TEST_F(Uploads, EndWhenTheBackendIsStuck) {
  GatewayOptions options;
  options.limits.idle_time = absl::Milliseconds(200);
  StartGateway(std::move(options));
  for (const std::string& file : {std::string(), std::string(10, 'x'), std::string(4 * 1024 * 1024, 'x')}) {
    SCOPED_TRACE(file.size());
    auto client = Connect();
    client.Send(absl::StrCat("POST /v1/imports/leads?name=stuck HTTP/1.1\r\nHost: x\r\nContent-Length: ",
                             file.size(), "\r\n\r\n"));
    client.Send(file);
    const auto answer = client.Read();
    EXPECT_EQ(answer.status, 504) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr("DEADLINE_EXCEEDED"));
  }
}

TEST_F(Uploads, CancelWhenTheClientLeavesBehindTheFile) {
  StartGateway();
  auto client = Connect();
  client.Send("POST /v1/imports/leads?name=stuck HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nfile");
  absl::SleepFor(absl::Milliseconds(50));
  client.Close();
  for (int i = 0; i < 200 && backend.imports.interrupted == 0; ++i) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_EQ(backend.imports.interrupted, 1);
}

TEST_F(Uploads, RefuseUnknownParameters) {
  StartGateway();
  auto client = Connect();
  const auto answer = client.Call("POST", "/v1/imports/leads?odd=1", "a,b\n", "Content-Type: text/csv\r\n");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("UNKNOWN_FIELD"));
}

TEST_F(Uploads, CancelWhenTheClientBreaksOff) {
  StartGateway();
  auto client = Connect();
  client.Send("POST /v1/imports/leads?name=a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf");
  absl::SleepFor(absl::Milliseconds(50));
  client.Close();
  for (int i = 0; i < 200 && backend.imports.interrupted == 0; ++i) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_EQ(backend.imports.interrupted, 1);
}

}  // namespace
}  // namespace crm::gateway
