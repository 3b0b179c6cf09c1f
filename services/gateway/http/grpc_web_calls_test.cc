#include <gmock/gmock.h>

#include "services/gateway/grpc_web/framing.h"
#include "services/gateway/http/test_backend.h"

namespace crm::gateway {
namespace {

using grpc_web::Mode;
using testing::HasSubstr;
using testing::Not;

class GrpcWebCalls : public GatewayTest {
 protected:
  static std::string HeadersOf(Mode mode) {
    return absl::StrCat(
        "Content-Type: ",
        absl::string_view(grpc_web::ContentTypeOf(mode).data(), grpc_web::ContentTypeOf(mode).size()),
        "\r\n");
  }
};

TEST_F(GrpcWebCalls, CallInBothModes) {
  StartGateway();
  auto client = Connect();
  customer::v1::CaptureLeadRequest request;
  request.mutable_lead()->set_company("关系");
  customer::v1::CaptureLeadResponse expected;
  *expected.mutable_lead() = request.lead();
  for (const Mode mode : {Mode::kBinary, Mode::kText}) {
    const auto answer = client.Call("POST", "/crm.customer.v1.LeadService/CaptureLead",
                                    grpc_web::DataFrame(request.SerializeAsString(), mode), HeadersOf(mode));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("content-type"), grpc_web::ContentTypeOf(mode));
    EXPECT_EQ(answer.body, grpc_web::DataFrame(expected.SerializeAsString(), mode) +
                               grpc_web::TrailerFrame(grpc::Status::OK, mode));
  }
}

TEST_F(GrpcWebCalls, PutErrorsIntoTrailers) {
  StartGateway();
  auto client = Connect();
  customer::v1::GetLeadRequest request;
  request.set_id("missing");
  const std::string path = "/crm.customer.v1.LeadService/GetLead";
  const auto answer =
      client.Call("POST", path, grpc_web::DataFrame(request.SerializeAsString(), Mode::kBinary),
                  HeadersOf(Mode::kBinary));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("grpc-status:5\r\n"));
  EXPECT_THAT(answer.body, HasSubstr("grpc-status-details-bin:"));
  EXPECT_THAT(client.Call("POST", path, "abc", HeadersOf(Mode::kBinary)).body,
              HasSubstr("grpc-status:3\r\n"));
  EXPECT_THAT(
      client.Call("POST", path, std::string(5, '\0') + std::string(5, '\0'), HeadersOf(Mode::kBinary)).body,
      HasSubstr("grpc-status:3\r\n"));
  for (const char* other :
       {"/crm.customer.v1.LeadService/Nothing", "/crm.event.v1.EventLogService/ReadEvents", "/"})
    EXPECT_THAT(client.Call("POST", other, std::string(5, '\0'), HeadersOf(Mode::kBinary)).body,
                HasSubstr("grpc-status:12\r\n"))
        << other;
}

TEST_F(GrpcWebCalls, ExplainABackendThatIsDown) {
  GatewayOptions options;
  options.backends["customer"] = "127.0.0.1:1";
  StartGateway(std::move(options));
  auto client = Connect();
  for (const char* path : {"/crm.customer.v1.LeadService/GetLead", "/crm.customer.v1.StreamService/Watch"}) {
    const auto answer = client.Call("POST", path, std::string(5, '\0'), HeadersOf(Mode::kBinary));
    EXPECT_THAT(answer.body, HasSubstr("grpc-status:14\r\n")) << path;
    EXPECT_THAT(answer.body, HasSubstr("grpc-status-details-bin:")) << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("127.0.0.1"))) << path;
  }
}

TEST_F(GrpcWebCalls, StreamFromTheServer) {
  StartGateway();
  auto client = Connect();
  for (const Mode mode : {Mode::kBinary, Mode::kText}) {
    const auto answer = client.Call("POST", "/crm.customer.v1.StreamService/Watch",
                                    grpc_web::DataFrame("tick", mode), HeadersOf(mode));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("transfer-encoding"), "chunked");
    std::string expected;
    for (int i = 0; i < 3; ++i) expected += grpc_web::DataFrame("tick", mode);
    EXPECT_EQ(answer.body, expected + grpc_web::TrailerFrame(AfterThree(), mode));
  }
  EXPECT_EQ(client.Call("GET", "/v1/leads/1").status, 200) << "the connection goes on";
}

}  // namespace
}  // namespace crm::gateway
