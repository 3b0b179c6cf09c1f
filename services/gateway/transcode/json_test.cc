#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crm/customer/v1/customer_service.pb.h"
#include "crm/customer/v1/lead_service.pb.h"
#include "google/rpc/error_info.pb.h"
#include "services/gateway/transcode/json_reader.h"
#include "services/gateway/transcode/json_writer.h"

namespace crm::gateway {
namespace {

using customer::v1::CaptureLeadRequest;
using testing::ElementsAre;
using testing::HasSubstr;

// "field REASON" of every violation.
std::vector<std::string> Broken(std::string_view json, google::protobuf::Message& message) {
  errors::Violations violations;
  const absl::Status status = ReadJson(json, message, violations);
  EXPECT_TRUE(status.ok()) << status;
  std::vector<std::string> broken;
  for (const auto& violation : errors::ViolationsOf(violations.ToStatus()))
    broken.push_back(violation.field + " " + violation.reason);
  return broken;
}

template <class Message = CaptureLeadRequest>
std::vector<std::string> Broken(std::string_view json) {
  Message message;
  return Broken(json, message);
}

std::string Refused(std::string_view json) {
  CaptureLeadRequest message;
  errors::Violations violations;
  return errors::Reason(ReadJson(json, message, violations));
}

TEST(ReadJson, FillsEveryKindOfField) {
  customer::v1::Interaction read;
  EXPECT_THAT(
      Broken(
          R"({"subject": "关系 \u5173\ud83d\ude00\n", "kind": "INTERACTION_KIND_CALL", "contactIds": ["a", "b"],
                         "met_decision_maker": true, "cost": {"currency_code": "CNY", "minor_units": "9007199254740993"},
                         "occurred_time": "2026-11-22T16:00:00.25+08:00", "outcome": null})",
          read),
      ElementsAre());
  EXPECT_EQ(read.subject(), "关系 关😀\n");
  EXPECT_EQ(read.kind(), customer::v1::INTERACTION_KIND_CALL);
  EXPECT_THAT(read.contact_ids(), ElementsAre("a", "b"));
  EXPECT_TRUE(read.met_decision_maker());
  EXPECT_EQ(read.cost().minor_units(), 9007199254740993);
  EXPECT_EQ(read.occurred_time().seconds(), 1795334400);
  EXPECT_EQ(read.occurred_time().nanos(), 250000000);

  customer::v1::UpdateLeadRequest update;
  EXPECT_THAT(
      Broken(R"({"lead": {"attributes": {"一": "1", "b": ""}}, "update_mask": "note,contactName"})", update),
      ElementsAre());
  EXPECT_EQ(update.lead().attributes().at("一"), "1");
  EXPECT_THAT(update.update_mask().paths(), ElementsAre("note", "contact_name"));
}

TEST(ReadJson, TakesWholeNumbersHoweverWritten) {
  customer::v1::ListLeadsRequest list;
  for (const char* number : {"50", "50.0", "5e1", "\"50\""}) {
    list.Clear();
    EXPECT_THAT(Broken(absl::StrCat("{\"page_size\":", number, "}"), list), ElementsAre()) << number;
    EXPECT_EQ(list.page_size(), 50);
  }
}

TEST(ReadJson, SaysWhichNumbersAreTooLarge) {
  customer::v1::ListLeadsRequest list;
  for (const char* number : {"1e400", "-1e400", "1e10", "2147483648", "-2147483649", "\"1e400\"",
                             "99999999999999999999", "123456789012345678901234567890"})
    EXPECT_THAT(Broken(absl::StrCat("{\"page_size\":", number, "}"), list),
                ElementsAre("page_size OUT_OF_RANGE"))
        << number;
  EXPECT_THAT(Broken("{\"page_size\":-0}", list), ElementsAre());
  EXPECT_EQ(list.page_size(), 0);
  for (const char* number : {"\"\"", "\"NaN\"", "\"x\"", "\"0x10\"", "\" 1\"", "\"inf\"", "true"})
    EXPECT_THAT(Broken(absl::StrCat("{\"page_size\":", number, "}"), list),
                ElementsAre("page_size WRONG_TYPE"))
        << number;
  type::v1::Money money;
  EXPECT_THAT(Broken("{\"minor_units\": 9007199254740993.0}", money),
              ElementsAre("minor_units OUT_OF_RANGE"));
  EXPECT_THAT(Broken("{\"minor_units\": 9223372036854775808}", money),
              ElementsAre("minor_units OUT_OF_RANGE"));
}

TEST(ReadJson, NamesEveryViolationAtOnce) {
  EXPECT_THAT(
      Broken(R"({"lead": {"compny": "x", "email": 5, "state": "LEAD_STATE_ODD", "occurred_time": "yesterday",
                                  "attributes": {"a": 1}, "note": ["x"]}, "more": {"deep": [1, {}]}, "request_id": "a", "requestId": "b"})"),
      ElementsAre("lead.compny UNKNOWN_FIELD", "lead.email WRONG_TYPE", "lead.state UNKNOWN_ENUM",
                  "lead.occurred_time MALFORMED", "lead.attributes[\"a\"] WRONG_TYPE", "lead.note WRONG_TYPE",
                  "more UNKNOWN_FIELD", "request_id GIVEN_TWICE"));
  EXPECT_THAT((Broken<customer::v1::ListLeadsRequest>(R"({"page_size": 2147483648, "waiting": "yes"})")),
              ElementsAre("page_size OUT_OF_RANGE", "waiting WRONG_TYPE"));
  EXPECT_THAT(
      (Broken<customer::v1::BatchCaptureLeadsRequest>(
          R"({"requests": [{"lead": {}}, {"lead": {"x": 1}}, null, 3]})")),
      ElementsAre("requests[1].lead.x UNKNOWN_FIELD", "requests[2] WRONG_TYPE", "requests[3] WRONG_TYPE"));
  EXPECT_THAT((Broken<customer::v1::AssignmentRule>(R"({"position": 1.5, "follow_up_minutes": "x"})")),
              ElementsAre("position NOT_WHOLE", "follow_up_minutes WRONG_TYPE"));
}

TEST(ReadJson, RefusesWhatIsNotJson) {
  for (const char* json : {"",
                           "\xEF\xBB\xBF{}",
                           "{} // a comment",
                           "{}{}",
                           "{\"x\": -}",
                           "{\"x\": 1e}",
                           "{\"x\": 0x1}",
                           "{\"request_id\": \"\\u12\"}",
                           "{\"request_id\": \"\\ud800\\u0041\"}",
                           "{",
                           "[]",
                           "null",
                           "{\"lead\"}",
                           "{\"lead\": }",
                           "{\"lead\": {}} x",
                           "{lead: {}}",
                           "{'lead': {}}",
                           "{\"request_id\": \"a}",
                           "{\"request_id\": \"\\x\"}",
                           "{\"request_id\": \"\\ud800\"}",
                           "{\"request_id\": \"\\udc00\"}",
                           "{\"request_id\": \"a\nb\"}",
                           "{\"x\": 01}",
                           "{\"x\": .5}",
                           "{\"x\": 1.}",
                           "{\"x\": +1}",
                           "{\"x\": tru}",
                           "{\"x\": NaN}",
                           "{\"x\": [1,]}",
                           "{\"x\": 1,}"})
    EXPECT_EQ(Refused(json), "MALFORMED_JSON") << json;
  EXPECT_EQ(Refused("{\"request_id\": \"\xff\"}"), "INVALID_UTF8");
  CaptureLeadRequest message;
  errors::Violations violations;
  EXPECT_THAT(std::string(ReadJson("{\n  \"lead\": {]\n}", message, violations).message()),
              HasSubstr("line 2, column 12"));
}

TEST(ReadJson, StopsAtSixtyFourLevels) {
  const auto nested = [](int levels) {
    return "{\"x\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  EXPECT_EQ(Refused(nested(kMaxJsonDepth)), "");
  EXPECT_EQ(Refused(nested(kMaxJsonDepth + 1)), "TOO_DEEP");
  EXPECT_EQ(Refused("{\"x\":" + std::string(1000000, '[')), "TOO_DEEP");
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"lead\":";
  EXPECT_EQ(Refused(objects), "TOO_DEEP");
}

TEST(WriteJson, WritesWhatItReads) {
  customer::v1::TimelineEntry entry;
  auto& interaction = *entry.mutable_interaction();
  interaction.set_subject("关系 \"\\\x01\n\x7f");
  interaction.set_kind(customer::v1::INTERACTION_KIND_VISIT);
  interaction.add_contact_ids("a");
  interaction.mutable_cost()->set_minor_units(-9007199254740993);
  interaction.mutable_occurred_time()->set_seconds(1795334400);
  interaction.mutable_occurred_time()->set_nanos(1000);
  std::string json;
  WriteJson(entry, json);
  EXPECT_THAT(json, HasSubstr(R"("subject":"关系 \"\\\u0001\n\u007f")"));
  EXPECT_THAT(json, HasSubstr(R"("minor_units":"-9007199254740993")"));
  EXPECT_THAT(json, HasSubstr(R"("occurred_time":"2026-11-22T08:00:00.000001Z")"));
  EXPECT_THAT(json, HasSubstr(R"("met_decision_maker":false)"));
  EXPECT_EQ(json.find("lifecycle_move"), json.npos) << "an unset member of a oneof";
  customer::v1::TimelineEntry back;
  EXPECT_THAT(Broken(json, back), ElementsAre());
  EXPECT_EQ(back.SerializeAsString(), entry.SerializeAsString());
}

TEST(WriteJson, OpensAnyOfKnownTypes) {
  google::rpc::ErrorInfo info;
  info.set_reason("STALE_ETAG");
  (*info.mutable_metadata())["b"] = "2";
  (*info.mutable_metadata())["a"] = "1";
  google::rpc::Status status;
  status.add_details()->PackFrom(info);
  status.add_details()->set_type_url("type.googleapis.com/unknown.Type");
  std::string json;
  WriteJson(status, json);
  EXPECT_EQ(
      json,
      R"({"code":0,"message":"","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"STALE_ETAG",)"
      R"("domain":"","metadata":{"a":"1","b":"2"}},{"@type":"type.googleapis.com/unknown.Type","value":""}]})");
}

TEST(SetFromText, FollowsPaths) {
  customer::v1::UpdateLeadRequest request;
  errors::Violations violations;
  std::set<std::string> given;
  SetFromText(request, "lead.id", "42", given, violations);
  SetFromText(request, "lead.attributes.k.1", "v", given, violations);
  SetFromText(request, "lead.state", "LEAD_STATE_NEW", given, violations);
  SetFromText(request, "update_mask", "note", given, violations);
  EXPECT_TRUE(violations.empty()) << violations.ToStatus();
  EXPECT_EQ(request.lead().id(), "42");
  EXPECT_EQ(request.lead().attributes().at("k.1"), "v");
  EXPECT_EQ(request.lead().state(), customer::v1::LEAD_STATE_NEW);
  for (const char* path : {"x", "lead.x", "lead", "request_id.x", "", "lead.attributes.k.1", "updateMask"}) {
    errors::Violations broken;
    SetFromText(request, path, "1", given, broken);
    EXPECT_FALSE(broken.empty()) << path;
  }
}

}  // namespace
}  // namespace crm::gateway
