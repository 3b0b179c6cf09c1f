#include <gmock/gmock.h>

#include "services/gateway/http/test_backend.h"

namespace crm::gateway {
namespace {

using testing::HasSubstr;

class HttpLimits : public GatewayTest {};

TEST_F(HttpLimits, BoundTheBody) {
  StartGateway();
  const std::string most = "{\"request_id\":\"" + std::string(1024 * 1024 - 17, 'x') + "\"}";
  ASSERT_EQ(most.size(), 1024u * 1024);
  EXPECT_EQ(Connect().Call("POST", "/v1/leads", most).status, 200);
  auto client = Connect();
  client.Send(
      "POST /v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n");  // refused before it is sent
  const auto refused = client.Read();
  EXPECT_EQ(refused.status, 413);
  EXPECT_THAT(refused.body, HasSubstr("BODY_TOO_LARGE"));
  EXPECT_TRUE(client.Closed());

  auto chunked = Connect();
  chunked.Send("POST /v1/leads HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20 && chunked.Send("10000\r\n" + std::string(65536, 'x') + "\r\n"); ++i) {
  }
  EXPECT_EQ(chunked.Read().status, 413);
}

TEST_F(HttpLimits, BoundTheHead) {
  StartGateway();
  EXPECT_EQ(Connect().Call("GET", "/v1/leads/1", "", "X: " + std::string(15 * 1024, 'x') + "\r\n").status,
            200);
  const auto refused = Connect().Call("GET", "/v1/leads/1", "", "X: " + std::string(17 * 1024, 'x') + "\r\n");
  EXPECT_EQ(refused.status, 431);
  EXPECT_THAT(refused.body, HasSubstr("HEADER_TOO_LARGE"));
  EXPECT_EQ(Connect().Call("GET", "/v1/leads?x=" + std::string(17 * 1024, 'x')).status, 431);
}

TEST_F(HttpLimits, BoundTheTime) {
  GatewayOptions options;
  options.limits.header_time = absl::Milliseconds(100);
  options.limits.idle_time = absl::Milliseconds(300);
  options.limits.body_time = absl::Milliseconds(100);
  StartGateway(std::move(options));
  auto silent = Connect();
  EXPECT_TRUE(silent.Closed());
  auto slow = Connect();
  slow.Send("GET / HTTP/1.1\r\nHo");
  EXPECT_TRUE(slow.Closed());
  auto half = Connect();
  half.Send("POST /v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
  EXPECT_LE(half.Read().status, 400);
  auto idle = Connect();
  EXPECT_EQ(idle.Call("GET", "/v1/leads/1").status, 200);
  absl::SleepFor(absl::Milliseconds(150));
  EXPECT_EQ(idle.Call("GET", "/v1/leads/1").status, 200);
  EXPECT_TRUE(idle.Closed());
}

TEST_F(HttpLimits, BoundTheConnections) {
  GatewayOptions options;
  options.limits.connections = 2;
  StartGateway(std::move(options));
  auto first = Connect(), second = Connect();
  EXPECT_EQ(first.Call("GET", "/v1/leads/1").status, 200);
  EXPECT_EQ(second.Call("GET", "/v1/leads/1").status, 200);
  EXPECT_EQ(Connect().Call("GET", "/v1/leads/1").status, 0);
  first.Close();
  for (int i = 0; i < 200 && gateway->connections > 1; ++i) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_EQ(Connect().Call("GET", "/v1/leads/1").status, 200);
}

TEST_F(HttpLimits, RefuseMalformedHttp) {
  StartGateway();
  for (
      const char* head : {
          "GET /v1/leads HTTP/1.1\r\n\r\n",                        // no Host
          "GET /v1/leads HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",  // two
          "POST /v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",  // twice
          "POST /v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",  // differing
          "POST /v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: "
          "chunked\r\n\r\n{}",  // smuggling
          "POST /v1/leads HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: "
          "2\r\n\r\n{}",  // either way
          "POST /v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
          "POST /v1/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n",
          "GET  /v1/leads HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /v1/leads HTTP/1.1\r\nHost : x\r\n\r\n",
          "GET /v1/leads HTTP/9.9\r\nHost: x\r\n\r\n",
          "GET leads HTTP/1.1\r\nHost: x\r\n\r\n",
          "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello\r\n\r\n",
      }) {
    auto client = Connect();
    client.Send(head);
    const auto answer = client.Read();
    EXPECT_EQ(answer.status, 400) << head;
    EXPECT_THAT(answer.body, HasSubstr("MALFORMED_HTTP")) << head;
    EXPECT_TRUE(client.Closed()) << head;
  }
}

TEST_F(HttpLimits, SurviveHeadersThatGrpcCannotCarry) {
  StartGateway();
  auto client = Connect();
  EXPECT_EQ(client.Call("GET", "/v1/leads/1", "", "Authorization: Bearer \xff\x80\r\n").status, 401);
  EXPECT_EQ(
      Connect().Call("GET", "/v1/leads/1", "", "tracestate: \xe5\x85\xb3\r\ntraceparent: \xff\r\n").status,
      200);
}

TEST_F(HttpLimits, DrainLetsRequestsEnd) {
  StartGateway();
  auto idle = Connect(), busy = Connect();
  EXPECT_EQ(idle.Call("GET", "/v1/leads/1").status, 200);
  busy.Send("GET /v1/leads/later HTTP/1.1\r\nHost: x\r\n\r\n");
  absl::SleepFor(absl::Milliseconds(50));
  const absl::Time begin = absl::Now();
  std::thread drain([this] { server->Drain(absl::Seconds(5)); });
  const auto answer = busy.Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(idle.Closed());
  busy.Close();
  drain.join();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(3));
  EXPECT_FALSE(Connect().connected());
}

TEST_F(HttpLimits, DrainGivesUpAfterTheGrace) {
  StartGateway();
  auto stuck = Connect();
  stuck.Send("GET /v1/leads/slow HTTP/1.1\r\nHost: x\r\ngrpc-timeout: 60S\r\n\r\n");
  absl::SleepFor(absl::Milliseconds(50));
  const absl::Time begin = absl::Now();
  server->Drain(absl::Milliseconds(100));
  server.reset();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(3));
}

}  // namespace
}  // namespace crm::gateway
