// What a hostile client sends, byte by byte: each is answered clearly, and the gateway goes on.
#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "services/gateway/http/test_backend.h"

namespace crm::gateway {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

struct Row {
  const char* name;
  std::string request;
  int status;
  const char* reason;  // in the body
};

class HostileClients : public GatewayTest {
 protected:
  void ExpectRefused(const std::vector<Row>& rows) {
    StartGateway();
    for (const Row& row : rows) {
      SCOPED_TRACE(row.name);
      auto client = Connect();
      client.Send(row.request);
      const auto answer = client.Read();
      EXPECT_EQ(answer.status, row.status) << answer.body;
      EXPECT_THAT(answer.body, HasSubstr(row.reason));
      EXPECT_EQ(Connect().Call("GET", "/v1/leads/1").status, 200) << "the gateway goes on";
    }
  }

  static std::string Get(const std::string& target, const std::string& headers = "") {
    return absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: x\r\n", headers, "\r\n");
  }
  static std::string Post(const std::string& headers, const std::string& body,
                          const std::string& target = "/v1/leads") {
    return absl::StrCat("POST ", target, " HTTP/1.1\r\nHost: x\r\n", headers, "\r\n", body);
  }
  static std::string Json(const std::string& body, const std::string& target = "/v1/leads") {
    return Post(absl::StrCat("Content-Length: ", body.size(), "\r\n"), body, target);
  }
  static std::string Chunked(const std::string& body, const std::string& target = "/v1/leads") {
    return Post("Transfer-Encoding: chunked\r\n", body, target);
  }
};

TEST_F(HostileClients, AreRefusedForTheirHeads) {
  ExpectRefused({
      {"64 KiB in one header", Get("/v1/leads/1", "X: " + std::string(65536, 'x') + "\r\n"), 431,
       "HEADER_TOO_LARGE"},
      {"10,000 headers", Get("/v1/leads/1", absl::StrJoin(std::vector<std::string>(10'000, "A: b\r\n"), "")),
       431, "HEADER_TOO_LARGE"},
      {"a token of 12 KiB",
       Get("/v1/leads/1", "Authorization: Bearer " + std::string(12 * 1024, 'x') + "\r\n"), 431,
       "HEADER_TOO_LARGE"},
      {"two tokens", Get("/v1/leads/1", "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), 401,
       "TOKEN_INVALID"},
      {"NUL in a value", Get("/v1/leads/1", "X: a\0b\r\n"s), 400, "MALFORMED_HTTP"},
      {"NUL in a name", Get("/v1/leads/1", "X\0: a\r\n"s), 400, "MALFORMED_HTTP"},
      {"NUL in the target", Get("/v1/leads/\0"s), 400, "MALFORMED_HTTP"},
      {"a space in the target", Get("/v1/leads/1 2"), 400, "MALFORMED_HTTP"},
      {"bare line feeds", "GET /v1/leads/1 HTTP/1.1\nHost: x\n\n\r\n\r\n", 400, "MALFORMED_HTTP"},
      {"a bare carriage return", Get("/v1/leads/1", "X: a\rb\r\n"), 400, "MALFORMED_HTTP"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "MALFORMED_HTTP"},
      {"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400, "MALFORMED_HTTP"},
      {"authority form", "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "MALFORMED_HTTP"},
      {"absolute form without a path", Get("http://x"), 400, "MALFORMED_HTTP"},
      {"absolute form of another scheme", Get("file:///etc/passwd"), 400, "MALFORMED_HTTP"},
      {"absolute form of nothing", Get("http://x/v1/nothing"), 404, "NO_SUCH_PATH"},
      {"a verb that nobody knows", "BREW /v1/leads HTTP/1.1\r\nHost: x\r\n\r\n", 405, "WRONG_METHOD"},
      {"a verb in lower case", "get /v1/leads HTTP/1.1\r\nHost: x\r\n\r\n", 405, "WRONG_METHOD"},
      {"TRACE", "TRACE /v1/leads HTTP/1.1\r\nHost: x\r\n\r\n", 405, "WRONG_METHOD"},
      {"OPTIONS that is no preflight", "OPTIONS /v1/leads HTTP/1.1\r\nHost: x\r\n\r\n", 405, "WRONG_METHOD"},
      {"dots", Get("/v1/../healthz"), 404, "NO_SUCH_PATH"},
      {"two slashes", Get("//healthz"), 404, "NO_SUCH_PATH"},
      {"an encoded slash between segments", Get("/v1%2Fleads%2F1"), 404, "NO_SUCH_PATH"},
      {"half an escape", Get("/v1/leads/%4"), 404, "NO_SUCH_PATH"},
      {"an escape that is not UTF-8", Get("/v1/leads/%C0%80"), 404, "NO_SUCH_PATH"},
      {"a byte that is not ASCII", Get("/v1/leads/\xFF"), 404, "NO_SUCH_PATH"},
      {"a query that is not UTF-8", Get("/v1/leads?source=%FF"), 400,
       "source\",\"description\":\"INVALID_UTF8"},
      {"half an escape in a query", Get("/v1/leads?source=%4"), 400, "INVALID_UTF8"},
      {"a parameter given twice", Get("/v1/leads?source=a&source=a"), 400, "GIVEN_TWICE"},
      {"a parameter given twice under both its names", Get("/v1/leads?page_size=1&pageSize=2"), 400,
       "GIVEN_TWICE"},
      {"an unknown parameter", Get("/v1/leads?a.b.c=1"), 400, "UNKNOWN_FIELD"},
      {"a parameter without name", Get("/v1/leads?=1"), 400, "UNKNOWN_FIELD"},
  });
}

TEST_F(HostileClients, AreRefusedForTheirBodies) {
  std::string deep = R"({"lead": )";
  for (int i = 0; i < 64; ++i) deep += R"({"lead": )";
  std::string many = R"({"requests": [)";
  for (int i = 0; i < 200'000; ++i) many += "1,";
  ExpectRefused({
      // Framing: what two servers might end in different places.
      {"an encoding besides chunked", Post("Transfer-Encoding: gzip\r\n", "0\r\n\r\n"), 400,
       "MALFORMED_HTTP"},
      {"chunked, then another", Post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), 400,
       "MALFORMED_HTTP"},
      {"another, then chunked", Post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400,
       "MALFORMED_HTTP"},
      {"almost chunked, and a length", Post("Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n", "{}"),
       400, "MALFORMED_HTTP"},
      {"an empty encoding", Post("Transfer-Encoding:\r\nContent-Length: 2\r\n", "{}"), 400, "MALFORMED_HTTP"},
      {"identity", Post("Transfer-Encoding: identity\r\nContent-Length: 2\r\n", "{}"), 400, "MALFORMED_HTTP"},
      {"chunks in HTTP/1.0", "POST /v1/leads HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
       "MALFORMED_HTTP"},
      {"two lengths in one", Post("Content-Length: 2, 2\r\n", "{}"), 400, "MALFORMED_HTTP"},
      {"a signed length", Post("Content-Length: +2\r\n", "{}"), 400, "MALFORMED_HTTP"},
      {"a length beyond 64 bits", Post("Content-Length: 18446744073709551616\r\n", "{}"), 400,
       "MALFORMED_HTTP"},
      {"the longest length", Post("Content-Length: 18446744073709551615\r\n", "{}"), 413, "BODY_TOO_LARGE"},
      {"a chunk without a size", Chunked("\r\n\r\n"), 400, "MALFORMED_HTTP"},
      {"a chunk of a negative size", Chunked("-1\r\nx\r\n0\r\n\r\n"), 400, "MALFORMED_HTTP"},
      {"a chunk's size with 0x", Chunked("0x2\r\n{}\r\n0\r\n\r\n"), 400, "MALFORMED_HTTP"},
      {"a chunk's size beyond 64 bits", Chunked("10000000000000002\r\n{}\r\n0\r\n\r\n"), 400,
       "MALFORMED_HTTP"},
      {"the largest chunk", Chunked("FFFFFFFFFFFFFFFF\r\n{}"), 413, "BODY_TOO_LARGE"},
      {"a chunk longer than it says", Chunked("1\r\n{}\r\n0\r\n\r\n"), 400, "MALFORMED_HTTP"},
      {"a malformed chunk of a file", Chunked("zz\r\n", "/v1/imports/leads?name=a"), 400, "MALFORMED_HTTP"},
      {"a compressed body", Post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "\x1F\x8B"), 415,
       "WRONG_CONTENT_ENCODING"},
      // JSON.
      {"a byte-order mark", Json("\xEF\xBB\xBF{}"), 400, "MALFORMED_JSON"},
      {"something behind it", Json("{}{}"), 400, "MALFORMED_JSON"},
      {"NUL behind it", Json("{}\0"s), 400, "MALFORMED_JSON"},
      {"half a surrogate pair", Json(R"({"request_id": "\ud800"})"), 400, "MALFORMED_JSON"},
      {"an encoded surrogate", Json("{\"request_id\": \"\xED\xA0\x80\"}"), 400, "INVALID_UTF8"},
      {"objects 65 deep", Json(deep), 400, "TOO_DEEP"},
      {"a key given twice", Json(R"({"request_id": "a", "request_id": "a"})"), 400, "GIVEN_TWICE"},
      {"a key given twice under both its names", Json(R"({"request_id": "a", "requestId": "a"})"), 400,
       "GIVEN_TWICE"},
      {"200,001 wrong values", Json(many + "1]}", "/v1/leads:batchCapture"), 400, "MORE: "},
      {"a query beside the body", Json("{}", "/v1/leads?request_id=a"), 400, "UNEXPECTED_QUERY"},
      {"a body where none belongs", "GET /v1/leads/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 400,
       "UNEXPECTED_BODY"},
      {"a form", Post("Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2\r\n", "--"), 415,
       "WRONG_CONTENT_TYPE"},
  });
}

TEST_F(HostileClients, AreRefusedForTheirFrames) {
  const auto call = [](const std::string& type, const std::string& body) {
    return Post(absl::StrCat("Content-Type: ", type, "\r\nContent-Length: ", body.size(), "\r\n"), body,
                "/crm.customer.v1.LeadService/GetLead");
  };
  const std::string binary = "application/grpc-web+proto";
  ExpectRefused({
      {"no frame", call(binary, ""), 200, "grpc-status:3\r\n"},
      {"shorter than it says",
       call(binary,
            "\0\0\0\0\x09"
            "abc"s),
       200, "grpc-status:3\r\n"},
      {"4 GiB, it says", call(binary, "\0\xFF\xFF\xFF\xFF"s), 200, "grpc-status:3\r\n"},
      {"longer than it says",
       call(binary,
            "\0\0\0\0\x01"
            "abc"s),
       200, "grpc-status:3\r\n"},
      {"trailers", call(binary, "\x80\0\0\0\0"s), 200, "grpc-status:3\r\n"},
      {"compressed", call(binary, "\x01\0\0\0\0"s), 200, "grpc-status:12\r\n"},
      {"two messages for one", call(binary, "\0\0\0\0\0\0\0\0\0\0"s), 200, "grpc-status:3\r\n"},
      {"larger than any", call(binary, std::string(1024 * 1024 + 1, '\0')), 413, "BODY_TOO_LARGE"},
  });
}

TEST_F(HostileClients, AreRefusedForTextThatIsNotBase64) {
  StartGateway();
  auto client = Connect();
  for (const char* body : {"no base64!", "====", "AAAA=AAA", "\xFF\xFE"}) {
    const auto answer = client.Call("POST", "/crm.customer.v1.LeadService/GetLead", body,
                                    "Content-Type: application/grpc-web-text\r\n");
    std::string frame;
    ASSERT_TRUE(absl::Base64Unescape(answer.body, &frame)) << body;
    EXPECT_THAT(frame, HasSubstr("grpc-status:3\r\n")) << body;
    EXPECT_THAT(frame, HasSubstr("grpc-status-details-bin:")) << body;
  }
}

// None of these is bounded by Beast.
TEST_F(HostileClients, CannotFillTheMemory) {
  StartGateway();
  auto client = Connect();
  client.Send("GET /v1/leads/1 HTTP/1.1\r\n");
  std::string headers;
  for (int i = 0; i < 10'000; ++i) headers += "A: b\r\n";
  for (int i = 0; i < 64 && client.Send(headers); ++i) {
  }
  EXPECT_EQ(client.Read().status, 431);
  for (const char* target : {"/v1/leads", "/v1/imports/leads?name=a"})
    for (const char* begin : {"1;", "0\r\nX: "}) {
      SCOPED_TRACE(absl::StrCat(target, " ", begin));
      auto client = Connect();
      client.Send(Chunked(begin, target));
      for (int i = 0; i < 64 && client.Send(std::string(65536, 'a')); ++i) {
      }
      const auto answer = client.Read();
      EXPECT_EQ(answer.status, 431) << answer.body;
      EXPECT_THAT(answer.body, HasSubstr("HEADER_TOO_LARGE"));
    }
}

TEST_F(HostileClients, MayCutTheirPacketsAnywhere) {
  StartGateway();
  auto client = Connect();
  client.Send(Chunked(""));
  for (const char* packet : {"0", "\r", "\n", "\r", "\n"}) {
    absl::SleepFor(absl::Milliseconds(20));  // so that they do not become one
    client.Send(packet);
  }
  EXPECT_EQ(client.Read().status, 200);
  for (const char c : Chunked("1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n")) client.Send({&c, 1});
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(HostileClients, HaveTheirPipelinesAnsweredInOrder) {
  StartGateway();
  auto client = Connect();
  client.Send(Get("/v1/leads/1") + Json("{") + Get("/v1/leads/missing") +
              "HEAD /v1/leads/1 HTTP/1.1\r\nHost: x\r\n\r\n" + "rubbish\r\n\r\n" + Get("/v1/leads/1"));
  for (const int status : {200, 400, 404}) EXPECT_EQ(client.Read().status, status);
  const auto head = client.ReadHead();
  EXPECT_EQ(head.status, 200);
  EXPECT_NE(head.headers.at("content-length"), "0");
  EXPECT_THAT(client.Read().body, HasSubstr("MALFORMED_HTTP"));
  EXPECT_TRUE(client.Closed());
}

TEST_F(HostileClients, MaySpeakTheOldProtocol) {
  StartGateway();
  auto client = Connect();
  client.Send("GET /v1/leads/1 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_TRUE(client.Closed());
  auto stream = Connect();
  stream.Send(
      "POST /crm.customer.v1.StreamService/Watch HTTP/1.0\r\nContent-Type: application/grpc-web\r\n"
      "Content-Length: 5\r\n\r\n\0\0\0\0\0"s);
  const auto answer = stream.Read();
  EXPECT_FALSE(answer.headers.contains("transfer-encoding")) << "HTTP/1.0 has no chunks";
  EXPECT_THAT(answer.body, HasSubstr("grpc-status:12\r\n"));
}

TEST_F(HostileClients, MayAddressAProxy) {
  StartGateway();
  auto client = Connect();
  EXPECT_EQ(client.Call("GET", "http://crm.example/v1/leads/1").status, 200);
  EXPECT_EQ(client.Call("GET", "http://crm.example/v1/leads/1#fragment").status, 200);
  EXPECT_EQ(
      client.Call("POST", "/v1/leads", "{}", "Content-Type: Application/JSON ; charset=utf-8\r\n").status,
      200);
}

TEST_F(HostileClients, WhoAreSlowAreLeft) {
  GatewayOptions options;
  options.limits.header_time = absl::Milliseconds(200);
  options.limits.body_time = absl::Milliseconds(200);
  options.limits.idle_time = absl::Milliseconds(200);
  StartGateway(std::move(options));
  for (const std::string& begin :
       {Get("/v1/leads/1", "X: "), Chunked("1;"), Chunked("1;", "/v1/imports/leads?name=a"),
        Post("Content-Length: 1000\r\n", "{")}) {
    SCOPED_TRACE(begin);
    auto client = Connect();
    client.Send(begin);
    const absl::Time start = absl::Now();
    while (client.Send("a") && absl::Now() - start < absl::Seconds(5)) absl::SleepFor(absl::Milliseconds(20));
    EXPECT_LT(absl::Now() - start, absl::Seconds(5)) << "a byte now and then keeps nothing open";
  }
}

}  // namespace
}  // namespace crm::gateway
