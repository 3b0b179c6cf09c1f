#include <gmock/gmock.h>

#include "services/gateway/http/test_backend.h"

namespace crm::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

class JsonCalls : public GatewayTest {};

TEST_F(JsonCalls, ReachTheBackendAndComeBack) {
  StartGateway();
  auto client = Connect();
  for (int i = 0; i < 3; ++i) {  // on one connection
    const auto answer = client.Call(
        "POST", "/v1/leads", R"({"lead": {"company": "关系", "attributes": {"a": "1"}}, "request_id": "r"})");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(R"("company":"关系")"));
    EXPECT_THAT(answer.body, HasSubstr(R"("attributes":{"a":"1"})"));
    EXPECT_EQ(answer.headers.at("content-type"), "application/json; charset=utf-8");
  }
}

TEST_F(JsonCalls, CarryTokenTraceAndDeadline) {
  StartGateway();
  auto client = Connect();
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto answer = client.Call(
      "GET", "/v1/leads/1", "",
      "Authorization: Bearer abc\r\ntraceparent: " + trace + "\r\ngrpc-timeout: 2S\r\nCookie: secret\r\n");
  EXPECT_THAT(answer.body, HasSubstr(R"("authorization":"Bearer abc")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("traceparent":")" + trace));
  EXPECT_THAT(answer.body, testing::ContainsRegex(R"re("size":"(1[0-9]{3}|20[0-9]{2})")re"));
  EXPECT_EQ(answer.body.find("secret"), answer.body.npos);

  const auto other = client.Call("GET", "/v1/leads/1", "", "traceparent: nonsense\r\n");
  EXPECT_THAT(other.body, testing::ContainsRegex(R"("traceparent":"00-[0-9a-f]{32}-[0-9a-f]{16}-01")"));
  EXPECT_THAT(other.body, testing::ContainsRegex(R"re("size":"(4[0-9]{3}|50[0-9]{2})")re"));
}

TEST_F(JsonCalls, TurnStatusIntoHttp) {
  StartGateway();
  auto client = Connect();
  const auto missing = client.Call("GET", "/v1/leads/missing");
  EXPECT_EQ(missing.status, 404);
  EXPECT_THAT(missing.body, HasSubstr(R"("status":"NOT_FOUND")"));
  EXPECT_THAT(
      missing.body,
      HasSubstr(
          R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"LEAD_NOT_FOUND","domain":"guanxi")"));
  const auto busy = client.Call("GET", "/v1/leads/busy");
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.headers.at("retry-after"), "2");
  const auto late = client.Call("GET", "/v1/leads/slow", "", "grpc-timeout: 50m\r\n");
  EXPECT_EQ(late.status, 504);
  EXPECT_THAT(late.body, HasSubstr(R"("reason":"DEADLINE_EXCEEDED")"));
  const auto unknown = client.Call("PATCH", "/v1/leads/1", "{}");
  EXPECT_EQ(unknown.status, 501);
  EXPECT_THAT(unknown.body, HasSubstr(R"("reason":"NOT_IMPLEMENTED")"));
}

TEST_F(JsonCalls, NameEveryFault) {
  StartGateway();
  auto client = Connect();
  const auto answer = client.Call("POST", "/v1/leads", R"({"lead": {"compny": "x", "email": 5}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr(R"("field":"lead.compny","description":"UNKNOWN_FIELD: )"));
  EXPECT_THAT(answer.body, HasSubstr(R"("field":"lead.email","description":"WRONG_TYPE: )"));
  struct Case {
    const char *verb, *target, *body;
    int status;
    const char* reason;
  };
  for (const Case& c : {Case{"GET", "/v1/nothing", "", 404, "NO_SUCH_PATH"},
                        {"DELETE", "/v1/leads", "", 405, "WRONG_METHOD"},
                        {"POST", "/v1/leads", "{\"lead\":", 400, "MALFORMED_JSON"},
                        {"POST", "/v1/leads", "{\"request_id\":\"\xff\"}", 400, "INVALID_UTF8"},
                        {"GET", "/v1/leads?odd=1", "", 400, "UNKNOWN_FIELD"},
                        {"GET", "/v1/leads/%ff", "", 404, "NO_SUCH_PATH"},
                        {"GET", "/crm.event.v1.EventLogService/ReadEvents", "", 404, "NO_SUCH_PATH"}}) {
    const auto refused = client.Call(c.verb, c.target, c.body);
    EXPECT_EQ(refused.status, c.status) << c.target;
    EXPECT_THAT(refused.body, HasSubstr(c.reason)) << c.target;
  }
  EXPECT_EQ(client.Call("DELETE", "/v1/leads").headers.at("allow"), "POST, GET");
  EXPECT_EQ(
      client.Call("POST", "/v1/leads", "a=b", "Content-Type: application/x-www-form-urlencoded\r\n").status,
      415);
  std::string deep = "{\"x\":" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_THAT(client.Call("POST", "/v1/leads", deep).body, HasSubstr("TOO_DEEP"));
}

TEST_F(JsonCalls, AnswerUnavailableWithoutBackend) {
  GatewayOptions options;
  options.backends["customer"] = "127.0.0.1:1";
  StartGateway(std::move(options));
  auto client = Connect();
  for (const auto& answer :
       {client.Call("GET", "/v1/leads/1"),
        client.Call("POST", "/v1/imports/leads?name=a", "a", "Content-Type: text/csv\r\n")}) {
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.body, HasSubstr(R"("reason":"BACKEND_UNAVAILABLE")"));
    EXPECT_THAT(answer.body, HasSubstr("RetryInfo"));
    EXPECT_EQ(answer.headers.at("retry-after"), "1");
    EXPECT_THAT(answer.body, Not(HasSubstr("127.0.0.1"))) << "where the services are is nobody's business";
  }
  const auto health = Connect().Call("GET", "/healthz");
  EXPECT_EQ(health.status, 503);
  EXPECT_THAT(health.body, HasSubstr(R"("customer":"NOT_SERVING")"));
}

TEST_F(JsonCalls, CancelWhenTheClientLeaves) {
  StartGateway();
  auto client = Connect();
  client.Send("GET /v1/leads/slow HTTP/1.1\r\nHost: x\r\ngrpc-timeout: 60S\r\n\r\n");
  absl::SleepFor(absl::Milliseconds(100));
  client.Close();
  for (int i = 0; i < 200 && backend.leads.cancelled == 0; ++i) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_EQ(backend.leads.cancelled, 1);
}

TEST_F(JsonCalls, ServeHealthMetricsAndOpenApi) {
  StartGateway();
  auto client = Connect();
  EXPECT_EQ(client.Call("GET", "/healthz").body, R"({"status":"SERVING","backends":{"customer":"SERVING"}})");
  EXPECT_EQ(client.Call("GET", "/openapi.json").body, R"({"openapi":"3.0.3"})");
  EXPECT_THAT(client.Call("GET", "/metrics").body, HasSubstr("crm_gateway_request_seconds_bucket"));
  client.Send(
      "HEAD /openapi.json HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");  // pipelined
  absl::SleepFor(absl::Milliseconds(50));
}

TEST_F(JsonCalls, LetOnlyAllowedOriginsIn) {
  GatewayOptions options;
  options.allowed_origins = {"https://crm.example"};
  StartGateway(std::move(options));
  auto client = Connect();
  const auto preflight = client.Call(
      "OPTIONS", "/v1/leads", "", "Origin: https://crm.example\r\nAccess-Control-Request-Method: POST\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers.at("access-control-allow-origin"), "https://crm.example");
  EXPECT_EQ(client.Call("OPTIONS", "/v1/leads", "", "Origin: https://evil.example\r\n").status, 403);
  EXPECT_EQ(client.Call("GET", "/v1/leads/1", "", "Origin: https://crm.example\r\n")
                .headers.at("access-control-allow-origin"),
            "https://crm.example");
  EXPECT_FALSE(client.Call("GET", "/v1/leads/1", "", "Origin: https://evil.example\r\n")
                   .headers.contains("access-control-allow-origin"));
}

}  // namespace
}  // namespace crm::gateway
