// What is refused of JSON at the gateway, and that nothing changes.
#include "absl/strings/str_replace.h"
#include "tests/contract/bad_input.h"

namespace crm::testing {
namespace {

struct JsonRow {
  const char *name, *verb, *path;
  const char* body;  // "$deep": 100 levels, "$large": more than 1 MiB, "$broken": a byte that is not UTF-8
  int status;
  const char *code, *field, *reason;
  const char* type = "application/json";
};

constexpr JsonRow kRows[] = {
    {"not JSON", "POST", "/v1/leads", "company=A", 400, kInvalid, "", "MALFORMED_JSON"},
    {"HTML", "POST", "/v1/leads", "<html>", 400, kInvalid, "", "MALFORMED_JSON"},
    {"cut off", "POST", "/v1/leads", R"({"lead": {"company": "A")", 400, kInvalid, "", "MALFORMED_JSON"},
    {"two values", "POST", "/v1/leads", "{}{}", 400, kInvalid, "", "MALFORMED_JSON"},
    {"a list in place of an object", "POST", "/v1/leads", "[]", 400, kInvalid, "", "MALFORMED_JSON"},
    {"too deep", "POST", "/v1/leads", R"({"lead": $deep})", 400, kInvalid, "", "TOO_DEEP"},
    {"too large", "POST", "/v1/leads", R"({"lead": {"note": "$large"}})", 413, kInvalid, "",
     "BODY_TOO_LARGE"},
    {"not UTF-8", "POST", "/v1/leads", R"({"lead": {"company": "$broken"}})", 400, kInvalid, "",
     "INVALID_UTF8"},
    {"not said to be JSON", "POST", "/v1/leads", "{}", 415, kInvalid, "", "WRONG_CONTENT_TYPE",
     "application/x-www-form-urlencoded"},
    {"unknown field", "POST", "/v1/leads", R"({"lead": {"compny": "A"}})", 400, kInvalid, "lead.compny",
     "UNKNOWN_FIELD"},
    {"a field given twice", "POST", "/v1/leads", R"({"lead": {"company": "A", "company": "B"}})", 400,
     kInvalid, "lead.company", "GIVEN_TWICE"},
    {"a number in place of text", "POST", "/v1/leads", R"({"lead": {"email": 5}})", 400, kInvalid,
     "lead.email", "WRONG_TYPE"},
    {"an object in place of text", "POST", "/v1/leads", R"({"lead": {"email": {}}})", 400, kInvalid,
     "lead.email", "WRONG_TYPE"},
    {"unknown enum", "POST", "/v1/leads/$lead:qualify", R"({"outcome": "MAYBE"})", 400, kInvalid, "outcome",
     "UNKNOWN_ENUM"},
    {"unknown enum number", "POST", "/v1/leads/$lead:qualify", R"({"outcome": 9, "request_id": "json-1"})",
     400, kInvalid, "outcome", "UNKNOWN_ENUM"},
    {"an amount too large to count", "POST", "/v1/contracts/$active/payments",
     R"({"amount": {"currency_code": "CNY", "minor_units": "99999999999999999999"}})", 400, kInvalid,
     "amount.minor_units", "OUT_OF_RANGE"},
    {"half a cent", "POST", "/v1/contracts/$active/payments",
     R"({"amount": {"currency_code": "CNY", "minor_units": 1.5}})", 400, kInvalid, "amount.minor_units",
     "NOT_WHOLE"},
    {"a negative amount", "POST", "/v1/contracts/$active/payments",
     R"({"amount": {"currency_code": "CNY", "minor_units": -1}})", 400, kInvalid, "amount.minor_units",
     "NEGATIVE"},
    {"a time without zone", "POST", "/v1/contracts/$active/payments",
     R"({"received_time": "2026-01-01T00:00:00"})", 400, kInvalid, "received_time", "MALFORMED"},
    {"another id than in the path", "POST", "/v1/leads/$lead:qualify", R"({"id": "$nobody"})", 400, kInvalid,
     "id", "DIFFERS_FROM_PATH"},
    {"an id that is none", "GET", "/v1/leads/42", "", 400, kInvalid, "id", "MALFORMED"},
    {"U+0000 as an id", "GET", "/v1/leads/%00", "", 400, kInvalid, "id", "HOLDS_NUL"},
    {"a path as an id", "GET", "/v1/leads/..%2Fcustomers", "", 400, kInvalid, "id", "MALFORMED"},
    {"U+0000 in a parameter", "GET", "/v1/leads?source=a%00", "", 400, kInvalid, "source", "HOLDS_NUL"},
    {"U+0000 in text", "POST", "/v1/leads", R"({"lead": {"company": "A\u0000"}})", 400, kInvalid,
     "lead.company", "HOLDS_NUL"},
    {"an unknown id", "GET", "/v1/leads/$nobody", "", 404, kNotFound, "id", "LEAD_NOT_FOUND"},
    {"a negative page", "GET", "/v1/leads?page_size=-1", "", 400, kInvalid, "page_size", "OUT_OF_RANGE"},
    {"an unknown parameter", "GET", "/v1/leads?colour=red", "", 400, kInvalid, "colour", "UNKNOWN_FIELD"},
    {"no body", "POST", "/v1/leads", "", 400, kInvalid, "request_id", "REQUIRED"},
    {"no request_id", "POST", "/v1/leads", R"({"lead": {"company": "A"}})", 400, kInvalid, "request_id",
     "REQUIRED"},
    {"over-long", "POST", "/v1/leads", R"({"lead": {"company": "$long"}})", 400, kInvalid, "lead.company",
     "TOO_LONG"},
    {"stale etag", "POST", "/v1/leads/$lead:qualify",
     R"({"outcome": "QUALIFICATION_OUTCOME_OPPORTUNITY", "etag": "999", "request_id": "json-2"})", 409,
     kAborted, "etag", "STALE_ETAG"},
    {"illegal state move", "POST", "/v1/opportunities/$won:moveStage",
     R"({"stage": "proposal", "request_id": "json-3"})", 400, kPrecondition, "status", "ILLEGAL_STATE_MOVE"},
    {"missing gate", "POST", "/v1/opportunities/$bare:moveStage",
     R"({"stage": "negotiation", "request_id": "json-4"})", 400, kPrecondition, "stage", "MISSING_GATES"},
    {"the same request_id with another body", "POST", "/v1/customers",
     R"({"customer": {"name": "Another body"}, "request_id": "used"})", 400, kInvalid, "request_id",
     "REQUEST_ID_REUSED"},
    {"nothing at this path", "POST", "/v1/nothing", "{}", 404, kNotFound, "", "NO_SUCH_PATH"},
    {"a method that the path does not take", "DELETE", "/v1/leads", "", 405, "UNIMPLEMENTED", "",
     "WRONG_METHOD"},
};

TEST_F(BadInput, OfJsonIsRefusedByName) {
  for (const JsonRow& row : kRows) {
    SCOPED_TRACE(row.name);
    const std::string body =
        absl::StrReplaceAll(Expand(row.body), {{"$deep", std::string(100, '[') + std::string(100, ']')},
                                               {"$large", std::string(1024 * 1024, 'x')},
                                               {"$broken", "\xFF"}});
    ExpectUnchanged([&] {
      const HttpResponse answer = Http(suite().gateway(), row.verb, Expand(row.path), body,
                                       {{"authorization", Bearer()}, {"content-type", row.type}});
      EXPECT_EQ(answer.status, row.status) << answer.body;
      ExpectRefused(RefusalOf(answer), row.code, row.field, row.reason);
    });
  }
}

}  // namespace
}  // namespace crm::testing
