#include "tests/support/person.h"

#include "common/testing/concurrent.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/support/http.h"

namespace crm::testing {

bool Person::Eventually(const std::function<bool()>& holds) {
  return crm::testing::Eventually(holds, std::chrono::seconds(30));
}

void Person::Fill(google::protobuf::Message& request, const std::string& text) {
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field != nullptr && !request.GetReflection()->HasField(request, field) &&
      request.GetReflection()->GetString(request, field).empty())
    request.GetReflection()->SetString(&request, field, Uuid::New().ToString());
}

std::string Person::Json(const google::protobuf::Message& request) {
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(request, &json).ok());
  return json;
}

std::string Person::ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  google::rpc::ErrorInfo info;
  for (const auto& detail : details.details())
    if (detail.UnpackTo(&info)) return info.reason();
  return status.ok() ? "" : status.error_message();
}

std::string Person::ProcessOf(const google::protobuf::Descriptor& request) {
  static const std::map<std::string, std::string> processes = {{"crm.directory.v1", "customer"},
                                                               {"crm.customer.v1", "customer"},
                                                               {"crm.opportunity.v1", "opportunity"},
                                                               {"crm.contract.v1", "contract_credit"},
                                                               {"crm.analytics.v1", "analytics"}};
  return processes.at(request.file()->package());
}

std::shared_ptr<grpc::Channel> Person::Channel(const std::string& process) const {
  auto& channel = channels_[process];
  if (channel == nullptr) channel = suite_.Channel(process);
  return channel;
}

void Person::Read(const std::string& verb, const std::string& path, const std::string& body,
                  const std::string& type, google::protobuf::Message& response) const {
  std::map<std::string, std::string> headers = {{"authorization", "Bearer " + token_}};
  if (!type.empty()) headers["content-type"] = type;
  const HttpResponse answer = Http(suite_.gateway(), verb, path, body, headers);
  EXPECT_EQ(answer.status, 200) << verb << ' ' << path << ' ' << body << ": " << answer.body;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  const auto parsed = google::protobuf::util::JsonStringToMessage(answer.body, &response, options);
  EXPECT_TRUE(answer.status != 200 || parsed.ok()) << parsed.ToString() << ": " << answer.body;
}

bool Person::IsAnswered(const std::string& path, const google::protobuf::Message& request,
                        google::protobuf::Message& response) const {
  try {
    const HttpResponse answer = Http(
        suite_.gateway(), "POST", path, Json(request),
        {{"authorization", "Bearer " + token_}, {"grpc-timeout", std::to_string(kAttempt.count()) + "S"}});
    response.Clear();
    return answer.status == 200 && google::protobuf::util::JsonStringToMessage(answer.body, &response).ok();
  } catch (const std::exception&) {
    return false;  // nobody listens, or it was killed before it had answered
  }
}

}  // namespace crm::testing
