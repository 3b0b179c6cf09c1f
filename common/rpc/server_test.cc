#include "common/rpc/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>

#include "common/testing/captured_log.h"
#include "common/testing/keys.h"
#include "common/testing/matchers.h"
#include "crm/event/v1/dead_letter_service.grpc.pb.h"

namespace crm::rpc {
namespace {

using namespace crm::event::v1;  // NOLINT: the messages of the service that is served here
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class ServerTest : public ::testing::Test {
 protected:
  void Serve(std::function<void(const Context&)> list) {
    const auto nothing = [](auto) {};
    Bind<ListDeadLettersRequest, ListDeadLettersResponse>("ListDeadLetters", std::move(list));
    Bind<ReplayDeadLettersRequest, ReplayDeadLettersResponse>("ReplayDeadLetters", nothing);
    Bind<ListDeadJobsRequest, ListDeadJobsResponse>("ListDeadJobs", nothing);
    Bind<ReviveDeadJobRequest, ReviveDeadJobResponse>("ReviveDeadJob", nothing);
    ASSERT_THAT(server_.Start(), testing::IsOk());
    stub_ = DeadLetterService::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(server_.port()),
                                                           grpc::InsecureChannelCredentials()));
  }

  grpc::StatusCode List(const std::string& traceparent = "", bool with_token = true) {
    grpc::ClientContext context;
    if (with_token) context.AddMetadata("authorization", "Bearer " + token_);
    if (!traceparent.empty()) context.AddMetadata("traceparent", traceparent);
    ListDeadLettersResponse response;
    return stub_->ListDeadLetters(&context, {}, &response).error_code();
  }

  Executor executor_{"test", 1, 10};

 private:
  template <class Request, class Response>
  void Bind(const std::string& method, std::function<void(const Context&)> run) {
    server_.Unary(service_, method,
                  Alone<Request, Response>(executor_, [run](const Context& context, const Request&) {
                    run(context);
                    return Response();
                  }));
  }
  std::string Token() const {
    auth::Principal principal;
    principal.id = Uuid::New();
    principal.permissions = {"*"};
    return *auth::SignToken(principal, key_.private_key, {}, absl::Now(), absl::Hours(1));
  }

  const testing::KeyPair key_ = testing::MakeKeyPair();
  const std::string token_ = Token();
  auth::TokenVerifier verifier_{{.public_keys = key_.public_key}};
  DeadLetterService::AsyncService service_;

 protected:
  Server server_{{}, verifier_};
  std::unique_ptr<DeadLetterService::Stub> stub_;
};

TEST_F(ServerTest, AnAnswerThatOutlivesTheGraceStillFindsItsQueue) {
  std::latch entered{1}, left{1};
  std::atomic<bool> done = false;
  Serve([&](const Context&) {
    entered.count_down();
    left.wait();
    done = true;
  });
  std::thread caller([&] {
    EXPECT_NE(List(), grpc::StatusCode::OK);
    left.count_down();
  });
  entered.wait();
  server_.Drain(absl::Milliseconds(10), {&executor_});
  EXPECT_TRUE(done);
  EXPECT_FALSE(executor_.Submit([] {}));
  caller.join();
}

TEST_F(ServerTest, EveryCallsLineHasATraceThatIsOne) {
  std::string seen;
  Serve([&](const Context& context) { seen = context.caller.traceparent; });
  const auto line = [this](const std::string& traceparent, bool with_token) {
    const testing::CapturedLog log;
    EXPECT_EQ(List(traceparent, with_token),
              with_token ? grpc::StatusCode::OK : grpc::StatusCode::UNAUTHENTICATED);
    return log.text();
  };
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_THAT(line(trace, true), HasSubstr(R"("trace":")" + trace + '"'));
  EXPECT_EQ(seen, trace);
  EXPECT_THAT(line(trace, false), HasSubstr(R"("trace":")" + trace + '"'));

  const std::string made = R"("trace":"00-[0-9a-f]{32}-[0-9a-f]{16}-01")";
  EXPECT_THAT(line("", true), ContainsRegex(made));
  EXPECT_THAT(line("", false), ContainsRegex(made));
  const std::string forged = line(R"(x","code":"FORGED)", true);
  EXPECT_THAT(forged, ContainsRegex(made));
  EXPECT_THAT(forged, Not(HasSubstr("FORGED")));
  EXPECT_THAT(seen, Not(HasSubstr("FORGED")));
}

}  // namespace
}  // namespace crm::rpc
