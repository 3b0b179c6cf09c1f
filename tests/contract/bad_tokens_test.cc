// Who is not let in, over gRPC and JSON, and that nothing changes. (Every method with and without its
// permission: permissions_test.cc.)
#include <google/protobuf/text_format.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/auth/token.h"
#include "common/testing/keys.h"
#include "tests/contract/bad_input.h"

namespace crm::testing {
namespace {

// A token for everything, signed by a key that nobody trusts.
std::string Forged() {
  auth::Principal principal;
  principal.id = Uuid::New();
  principal.name = "somebody";
  principal.permissions = {"*"};
  return *auth::SignToken(principal, MakeKeyPair().private_key, {}, absl::Now(), absl::Hours(1));
}

// The token with another part in the place of one of its three.
std::string With(const std::string& token, std::size_t part, const std::string& json) {
  std::vector<std::string> parts = absl::StrSplit(token, '.');
  parts.at(part) = absl::WebSafeBase64Escape(json);
  return parts[0] + "." + parts[1] + "." + parts[2];
}

TEST_F(BadInput, OfTokensIsRefusedByName) {
  const std::string good = suite().Token();
  const std::string claims = R"({"iss":"guanxi","aud":"guanxi","scope":"*","exp":4102444800,"sub":")" +
                             Uuid::New().ToString() + "\"}";
  const std::string unsigned_token = absl::WebSafeBase64Escape(R"({"alg":"none","typ":"JWT"})") + "." +
                                     absl::WebSafeBase64Escape(claims) + ".";
  struct TokenRow {
    const char* name;
    std::string authorization;
    const char *code, *reason;
    int status;
  };
  const TokenRow rows[] = {
      {"none", "", "UNAUTHENTICATED", "TOKEN_MISSING", 401},
      {"expired", "Bearer " + suite().Token({"*"}, Uuid::New(), absl::Hours(-1)), "UNAUTHENTICATED",
       "TOKEN_EXPIRED", 401},
      {"no bearer", "Basic d2FuZzpmYW5n", "UNAUTHENTICATED", "TOKEN_INVALID", 401},
      {"no token", "Bearer 42", "UNAUTHENTICATED", "TOKEN_INVALID", 401},
      {"cut off", "Bearer " + good.substr(0, good.size() / 2), "UNAUTHENTICATED", "TOKEN_INVALID", 401},
      {"signed by a stranger", "Bearer " + Forged(), "UNAUTHENTICATED", "TOKEN_INVALID", 401},
      {"not signed", "Bearer " + unsigned_token, "UNAUTHENTICATED", "TOKEN_INVALID", 401},
      {"other claims under a good signature", "Bearer " + With(good, 1, claims), "UNAUTHENTICATED",
       "TOKEN_INVALID", 401},
      {"another algorithm under a good signature",
       "Bearer " + With(good, 0, R"({"alg":"HS256","typ":"JWT"})"), "UNAUTHENTICATED", "TOKEN_INVALID", 401},
      {"for something else", "Bearer " + suite().Token({"lead:read"}), "PERMISSION_DENIED",
       "PERMISSION_MISSING", 403},
  };
  const auto* method = Find("LeadService.CaptureLead");
  auto request = New(method->input_type());
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      Expand("lead { company: 'Intruder' org_unit_id: '$unit' } request_id: 'token'"), request.get()));
  const std::string json =
      Expand(R"({"lead": {"company": "Intruder", "org_unit_id": "$unit"}, "request_id": "token"})");
  for (const TokenRow& row : rows) {
    SCOPED_TRACE(row.name);
    ExpectUnchanged([&] {
      ExpectRefused(RefusalOf(Call(*method, *request, row.authorization)), row.code, "", row.reason);
      std::map<std::string, std::string> headers;
      if (!row.authorization.empty()) headers["authorization"] = row.authorization;
      for (const char* path : {"/v1/leads", "/v1/imports/leads?request_id=token&name=leads.csv"}) {
        const HttpResponse answer = Http(suite().gateway(), "POST", path, json, headers);
        EXPECT_EQ(answer.status, row.status) << path << answer.body;
        ExpectRefused(RefusalOf(answer), row.code, "", row.reason);
      }
    });
  }
}

}  // namespace
}  // namespace crm::testing
