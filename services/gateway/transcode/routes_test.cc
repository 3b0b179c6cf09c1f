#include "services/gateway/transcode/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/errors.h"
#include "crm/customer/v1/customer_service.pb.h"
#include "crm/customer/v1/import_service.pb.h"
#include "crm/customer/v1/lead_service.pb.h"
#include "crm/event/v1/event_log_service.pb.h"
#include "services/gateway/transcode/http_error.h"
#include "services/gateway/transcode/request_builder.h"

namespace crm::gateway {
namespace {

using testing::ElementsAre;

std::vector<const google::protobuf::ServiceDescriptor*> Services() {
  const auto* lead = customer::v1::Lead::descriptor()->file();
  const auto* customer = customer::v1::Customer::descriptor()->file();
  const auto* import = customer::v1::Import::descriptor()->file();
  const auto* log = event::v1::LogPosition::descriptor()->file();
  return {lead->service(0), customer->service(0), import->service(0), log->service(0)};
}

const Routes& All() {
  static const auto* routes = new Routes(*Routes::Of(Services()));
  return *routes;
}

std::string Found(std::string_view verb, std::string_view path) {
  const Routes::Match match = All().Find(verb, path);
  return match.method == nullptr ? "(" + match.allow + ")" : match.method->descriptor->name();
}

TEST(Routes, FindMethodsByVerbAndPath) {
  EXPECT_EQ(Found("POST", "/v1/leads"), "CaptureLead");
  EXPECT_EQ(Found("GET", "/v1/leads"), "ListLeads");
  EXPECT_EQ(Found("GET", "/v1/leads/42"), "GetLead");
  EXPECT_EQ(Found("PATCH", "/v1/leads/42"), "UpdateLead");
  EXPECT_EQ(Found("POST", "/v1/leads/42:qualify"), "QualifyLead");
  EXPECT_EQ(Found("POST", "/v1/leads:batchCapture"), "BatchCaptureLeads");
  EXPECT_EQ(Found("GET", "/v1/customers:search"), "SearchCustomers");
  EXPECT_EQ(Found("GET", "/v1/customers/7/timeline"), "ListTimeline");
  EXPECT_EQ(Found("POST", "/v1/imports/leads"), "ImportLeads");
  EXPECT_EQ(Found("GET", "/v1/imports/leads"), "GetImport");
  EXPECT_EQ(Found("DELETE", "/v1/leads"), "(POST, GET)");
  EXPECT_EQ(Found("GET", "/v1/leads/42/x"), "()");
  EXPECT_EQ(Found("GET", "/"), "()");
  EXPECT_EQ(Found("GET", ""), "()");
}

TEST(Routes, KeepInternalMethodsInside) {
  EXPECT_EQ(All().FindGrpc("/crm.event.v1.EventLogService/ReadEvents"), nullptr);
  ASSERT_NE(All().FindGrpc("/crm.customer.v1.LeadService/GetLead"), nullptr);
  EXPECT_TRUE(All().FindGrpc("/crm.customer.v1.ImportService/ImportLeads")->upload());
}

TEST(Routes, RefuseTwoMethodsOnOnePath) {
  auto services = Services();
  services.push_back(services.front());
  EXPECT_EQ(errors::Reason(Routes::Of(services).status()), "BAD_ANNOTATION");
}

std::vector<std::string> Broken(const absl::Status& status) {
  std::vector<std::string> broken;
  for (const auto& violation : errors::ViolationsOf(status))
    broken.push_back(violation.field + " " + violation.reason);
  return broken;
}

TEST(BuildRequest, JoinsPathQueryAndBody) {
  const auto list = BuildRequest(All().Find("GET", "/v1/leads"),
                                 "page_size=7&state=LEAD_STATE_NEW&source=a%26b+c&waiting=true", "");
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ((*list)->ShortDebugString(),
            R"(page_size: 7 state: LEAD_STATE_NEW source: "a&b c" waiting: true)");
  const auto qualify =
      BuildRequest(All().Find("POST", "/v1/leads/42:qualify"), "", R"({"grade": "A", "id": "42"})");
  ASSERT_TRUE(qualify.ok()) << qualify.status();
  EXPECT_EQ((*qualify)->ShortDebugString(), R"(id: "42" grade: "A")");
}

TEST(BuildRequest, NamesWhatDoesNotFit) {
  EXPECT_THAT(
      Broken(BuildRequest(All().Find("GET", "/v1/leads"), "page_size=x&page_size=2&odd=1&source=%ff", "")
                 .status()),
      ElementsAre("page_size WRONG_TYPE", "page_size GIVEN_TWICE", "odd UNKNOWN_FIELD",
                  "source INVALID_UTF8"));
  EXPECT_THAT(
      Broken(BuildRequest(All().Find("GET", "/v1/leads"), "page_size=1&pageSize=2&owner_id=a&owner_id=a", "")
                 .status()),
      ElementsAre("pageSize GIVEN_TWICE", "owner_id GIVEN_TWICE"));
  EXPECT_THAT(Broken(BuildRequest(All().Find("GET", "/v1/leads/42"), "id=43", "").status()),
              ElementsAre("id GIVEN_TWICE"));
  EXPECT_THAT(
      Broken(BuildRequest(All().Find("POST", "/v1/leads"), "request_id=other", R"({"request_id": "r"})")
                 .status()),
      ElementsAre(" UNEXPECTED_QUERY"));
  EXPECT_THAT(Broken(BuildRequest(All().Find("GET", "/v1/leads/42"), "", "{}").status()),
              ElementsAre(" UNEXPECTED_BODY"));
  EXPECT_THAT(
      Broken(BuildRequest(All().Find("PATCH", "/v1/leads/42"), "", R"({"lead": {"id": "43"}})").status()),
      ElementsAre("lead.id DIFFERS_FROM_PATH"));
}

TEST(BuildUpload, ReadsTheHeaderFromTheQuery) {
  const auto match = All().Find("POST", "/v1/imports/leads");
  const auto header = BuildUploadHeader(match, "request_id=r&name=a.csv&mapping.source=origin&delimiter=%3B");
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(
      (*header)->ShortDebugString(),
      R"(header { request_id: "r" name: "a.csv" mapping { key: "source" value: "origin" } delimiter: ";" })");
  EXPECT_EQ(BuildUploadChunk(*match.method, "a,b")->ShortDebugString(), R"(chunk: "a,b")");
  EXPECT_THAT(Broken(BuildUploadHeader(match, "odd=1").status()), ElementsAre("odd UNKNOWN_FIELD"));
}

TEST(HttpError, MapsEveryCode) {
  EXPECT_EQ(HttpStatusOf(grpc::StatusCode::NOT_FOUND), 404);
  EXPECT_EQ(HttpStatusOf(grpc::StatusCode::UNAUTHENTICATED), 401);
  EXPECT_EQ(HttpStatusOf(grpc::StatusCode::RESOURCE_EXHAUSTED), 429);
  EXPECT_EQ(HttpStatusOf(grpc::StatusCode::DATA_LOSS), 500);
  EXPECT_EQ(ErrorJson(grpc::Status(grpc::StatusCode::ABORTED, "a \"b\"")),
            R"({"error":{"code":409,"status":"ABORTED","message":"a \"b\"","details":[]}})");
}

}  // namespace
}  // namespace crm::gateway
