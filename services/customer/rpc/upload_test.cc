// Uploads as clients bring them, over real gRPC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/to_grpc.h"
#include "common/testing/concurrent.h"
#include "common/testing/keys.h"
#include "services/customer/app/lead_fixture.h"
#include "services/customer/rpc/import_service.h"

namespace crm::customer {
namespace {

using testing::HasReason;
using testing::HasViolation;
using testing::IsOk;

class UploadTest : public LeadFixture {
 protected:
  static constexpr std::size_t kOpen = 2;

  UploadTest() {
    imports_.Register(server_);
    EXPECT_THAT(server_.Start(), IsOk());
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(server_.port()),
                                   grpc::InsecureChannelCredentials());
    token_ = *auth::SignToken(*caller_, key_.private_key, {}, absl::Now(), absl::Hours(1));
  }
  ~UploadTest() override { server_.Drain(absl::Seconds(1)); }

  class Client {
   public:
    explicit Client(const UploadTest& test) : stub_(v1::ImportService::NewStub(test.channel_)) {
      context_.AddMetadata("authorization", "Bearer " + test.token_);
      writer_ = stub_->ImportLeads(&context_, &response_);
    }
    void Header(const std::string& request_id = "r-1") {
      v1::ImportLeadsRequest request;
      request.mutable_header()->set_request_id(request_id);
      writer_->Write(request);
    }
    void Chunk(const std::string& bytes) {
      v1::ImportLeadsRequest request;
      request.set_chunk(bytes);
      writer_->Write(request);
    }
    void Leave() { context_.TryCancel(); }
    // What the server answers though it has not been told that this is all.
    absl::Status Ended() { return FromGrpc(writer_->Finish()); }
    absl::StatusOr<v1::Import> Finish() {
      writer_->WritesDone();
      const grpc::Status status = writer_->Finish();
      if (!status.ok()) return FromGrpc(status);
      return response_.import();
    }

   private:
    std::unique_ptr<v1::ImportService::Stub> stub_;
    grpc::ClientContext context_;
    v1::ImportLeadsResponse response_;
    std::unique_ptr<grpc::ClientWriter<v1::ImportLeadsRequest>> writer_;
  };

  absl::StatusOr<v1::Import> Send(const std::string& file, const std::string& request_id = "r-1") {
    Client client(*this);
    client.Header(request_id);
    client.Chunk(file);
    return client.Finish();
  }
  static std::string Rows(int n) {
    std::string file = "external_id,company\n";
    for (int i = 0; i < n; ++i) file += "x-" + std::to_string(i) + ",Company " + std::to_string(i) + "\n";
    return file;
  }
  // Waits until the one import there is stands so: "INTERRUPTED 1000".
  bool Stands(const std::string& so) {
    return testing::Eventually([&] {
      const auto rows = Sql("SELECT state || ' ' || rows_imported FROM lead_import");
      return rows.size() == 1 && rows[0] == so;
    });
  }

  const testing::KeyPair key_ = testing::MakeKeyPair();
  auth::TokenVerifier verifier_{{.public_keys = key_.public_key}};
  rpc::Executor executor_{"test", 2, 100};
  ImportHandlers imports_{pool_,
                          work_,
                          executor_,
                          executor_,
                          {.idle_time = absl::Milliseconds(1500), .threads = 1, .open = kOpen}};
  rpc::Server server_{{}, verifier_};
  std::shared_ptr<grpc::Channel> channel_;
  std::string token_;
};

TEST_F(UploadTest, AClientThatFallsSilentIsInterruptedAndCanGoOn) {
  const std::string file = Rows(1500);
  Client client(*this);
  client.Header();
  client.Chunk(file.substr(0, file.size() - 1000));
  EXPECT_THAT(client.Ended(), HasReason("UPLOAD_IDLE"));
  EXPECT_TRUE(Stands("INTERRUPTED 1000")) << "what was committed stays";

  const auto import = Send(file);
  ASSERT_THAT(import, IsOk());
  EXPECT_EQ(import->state(), v1::IMPORT_STATE_SUCCEEDED);
  EXPECT_EQ(import->rows_imported(), 1500);
  EXPECT_EQ(One("SELECT count(*) FROM lead"), "1500");
}

TEST_F(UploadTest, SilentClientsHoldTheirPlacesForAWhileOnly) {
  Client before_its_header(*this), after_its_header(*this);
  after_its_header.Header();
  ASSERT_TRUE(Stands("RUNNING 0"));
  EXPECT_TRUE(
      testing::Eventually([&] { return errors::Reason(Send(Rows(1), "r-2").status()) == "OVERLOADED"; }));
  EXPECT_THAT(before_its_header.Ended(), HasReason("UPLOAD_IDLE"));
  EXPECT_THAT(after_its_header.Ended(), HasReason("UPLOAD_IDLE"));
  EXPECT_TRUE(testing::Eventually([&] { return Send(Rows(1), "r-2").ok(); }));
}

TEST_F(UploadTest, AClientThatLeavesInterruptsItsImport) {
  Client client(*this);
  client.Header();
  client.Chunk(Rows(2500));
  ASSERT_TRUE(Stands("RUNNING 2000"));
  client.Leave();
  EXPECT_EQ(client.Ended().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(Stands("INTERRUPTED 2000"));
}

TEST_F(UploadTest, PartsOutOfPlaceAreRefused) {
  Client headless(*this);
  headless.Chunk(Rows(1));
  EXPECT_THAT(headless.Ended(), HasViolation("header", "REQUIRED"));
  EXPECT_THAT(Client(*this).Finish().status(), HasViolation("header", "REQUIRED"));

  Client twice(*this);
  twice.Header();
  twice.Header();
  EXPECT_THAT(twice.Ended(), HasViolation("header", "MISPLACED"));
  EXPECT_TRUE(Stands("INTERRUPTED 0"));

  Client large(*this);
  large.Header();
  large.Chunk(std::string(1024 * 1024 + 1, 'x'));
  EXPECT_THAT(large.Ended(), HasViolation("chunk", "TOO_LONG"));
}

TEST_F(UploadTest, NobodyUploadsWithoutPermission) {
  auth::Principal guest = *caller_;
  guest.permissions = {"lead:read"};
  token_ = *auth::SignToken(guest, key_.private_key, {}, absl::Now(), absl::Hours(1));
  EXPECT_EQ(Send(Rows(1)).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(One("SELECT count(*) FROM lead_import"), "0");
}

}  // namespace
}  // namespace crm::customer
