// The services that every process serves to the others and to its operators, over real gRPC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/timestamp.h"
#include "common/rpc/server.h"
#include "common/service/dead_letter_service.h"
#include "common/service/event_log_service.h"
#include "common/status/to_grpc.h"
#include "common/testing/captured_log.h"
#include "common/testing/concurrent.h"
#include "common/testing/database.h"
#include "common/testing/keys.h"
#include "common/testing/matchers.h"
#include "common/work/unit_of_work.h"
#include "crm/event/v1/event.pb.h"

namespace crm::service {
namespace {

using crm::event::v1::DeadLetterService;
using testing::HasReason;
using testing::HasViolation;
using testing::IsOk;

struct Thing {
  static constexpr std::string_view kAggregateType = "thing";
  Uuid id;
  std::int64_t version = 0;
};
struct Touched {};

class InternalServicesTest : public ::testing::Test {
 protected:
  InternalServicesTest() {
    schema_.Empty();
    codecs_.BindEvent<Touched>([this](const Touched&) {
      crm::event::v1::Event envelope;
      if (!payload_.empty()) envelope.mutable_lead_captured()->set_note(payload_);
      return outbox::EncodedEvent{"Touched", envelope.SerializeAsString()};
    });
    server_.Add(event_log_, crm::event::v1::EventLogService::service_full_name());
    RegisterDeadLetters(server_, dead_letters_, pool_, executor_);
    EXPECT_THAT(server_.Start(), IsOk());
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(server_.port()),
                                   grpc::InsecureChannelCredentials());
  }
  ~InternalServicesTest() override { server_.Drain(absl::Seconds(1)); }

  std::string Token(std::vector<std::string> permissions) {
    auth::Principal principal;
    principal.id = Uuid::New();
    principal.name = "operator";
    principal.permissions = std::move(permissions);
    return *auth::SignToken(principal, key_.private_key, {}, absl::Now(), absl::Hours(1));
  }

  void Touch(Thing& thing, int times) {
    Thing* const pointer = &thing;
    const work::Request<Thing*> request{
        {auth::ServicePrincipal("test"), absl::InfiniteFuture(), ""}, pointer, {}};
    for (int i = 0; i < times; ++i)
      work_.Run<Thing*>(absl::MakeConstSpan(&request, 1), [](work::Batch<Thing*>& batch, db::Transaction&) {
        for (auto& item : batch.items()) item.Emit(**item, Touched());
      });
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (DeadLetterService::Stub::*method)(grpc::ClientContext*,
                                                                                const Request&, Response*),
                                const Request& request, const std::string& token) {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    Response response;
    const auto stub = DeadLetterService::NewStub(channel_);
    const grpc::Status status = ((*stub).*method)(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }

  const testing::KeyPair key_ = testing::MakeKeyPair();
  testing::TestSchema schema_{"guanxi_test_internal"};
  db::Pool pool_{{schema_.url(), "test", 2}};
  std::string payload_;
  work::Codecs codecs_;
  work::UnitOfWork work_{pool_, "test", codecs_, {}};
  rpc::Executor executor_{"test", 2, 100};
  auth::TokenVerifier verifier_{{.public_keys = key_.public_key}};
  DeadLetterService::AsyncService dead_letters_;
  rpc::Server server_{{}, verifier_};
  EventLogService event_log_{pool_, executor_, server_.gate()};
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(InternalServicesTest, TheLogIsReadInPagesFromAnyPosition) {
  Thing thing{Uuid::New(), 0};
  Touch(thing, 1203);
  const int shard = outbox::ShardOf(thing.id);
  const auto read = ReadEventsOf(channel_, Token({"event:read"}));
  std::int64_t seq = 0;
  outbox::LogPosition position;
  for (;;) {
    const auto page = read(shard, position, 500);
    ASSERT_THAT(page, IsOk());
    if (page->empty()) break;
    for (const auto& event : *page) {
      EXPECT_EQ(event.aggregate_seq(), ++seq);
      EXPECT_EQ(event.source(), "test");
    }
    const auto& last = page->back();
    position = {ToTime(last.recorded_time()), *Uuid::Parse(last.id())};
  }
  EXPECT_EQ(seq, 1203);
  EXPECT_TRUE(read((shard + 1) % outbox::kShards, {}, 500)->empty());
  EXPECT_THAT(read(99, {}, 500), HasViolation("shard", "OUT_OF_RANGE"));
  EXPECT_THAT(ReadEventsOf(channel_, "")(shard, {}, 500),
              testing::HasCode(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(ReadEventsOf(channel_, Token({"lead:read"}))(shard, {}, 500), HasReason("PERMISSION_MISSING"));
}

TEST_F(InternalServicesTest, APositionThatIsNoneIsRefused) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + Token({"event:read"}));
  crm::event::v1::ReadEventsRequest request;
  request.mutable_after()->set_event_id("the last one");
  const auto stub = crm::event::v1::EventLogService::NewStub(channel_);
  const auto reader = stub->ReadEvents(&context, request);
  crm::event::v1::ReadEventsResponse page;
  EXPECT_FALSE(reader->Read(&page));
  EXPECT_THAT(FromGrpc(reader->Finish()), HasViolation("after.event_id", "MALFORMED"));
}

TEST_F(InternalServicesTest, PagesOfLargeEventsFitIntoAMessage) {
  Thing thing{Uuid::New(), 0};
  payload_.assign(700'000, 'x');
  Touch(thing, 12);
  const auto page =
      ReadEventsOf(channel_, Token({"event:read"}))(outbox::ShardOf(thing.id), outbox::LogPosition(), 500);
  ASSERT_THAT(page, IsOk());
  std::vector<std::int64_t> seqs;
  for (const auto& event : *page) seqs.push_back(event.aggregate_seq());
  EXPECT_THAT(seqs, ::testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
}

TEST_F(InternalServicesTest, ReadingTheLogLeavesALineRefusedOrNot) {
  const testing::CapturedLog log;
  EXPECT_THAT(ReadEventsOf(channel_, Token({"event:read"}))(0, {}, 500), IsOk());
  EXPECT_THAT(ReadEventsOf(channel_, Token({}))(0, {}, 500), HasReason("PERMISSION_MISSING"));
  const auto line = [](const std::string& code) {
    return "ReadEvents\",\"code\":\"" + code + ".*\"trace\":\"00-[0-9a-f]{32}-[0-9a-f]{16}-01\"";
  };
  EXPECT_THAT(log.text(), ::testing::ContainsRegex(line("OK")));
  EXPECT_THAT(log.text(), ::testing::ContainsRegex(line("PERMISSION_DENIED")));
}

TEST_F(InternalServicesTest, DeadLettersAreListedInPagesAndReplayed) {
  const std::string id = Uuid::New().ToString();
  for (int seq = 1; seq <= 3; ++seq)
    schema_.Sql("INSERT INTO dead_letter VALUES ('customer', 0, '" + id + "', " + std::to_string(seq) +
                ", '" + Uuid::New().ToString() + "', 'LeadCaptured', '', '" + (seq == 1 ? "broken" : "") +
                "', false, now())");
  const std::string token = Token({"dead_letter:read", "dead_letter:replay"});
  crm::event::v1::ListDeadLettersRequest request;
  request.set_page_size(2);
  auto page = Call(&DeadLetterService::Stub::ListDeadLetters, request, token);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->dead_letters_size(), 2);
  EXPECT_EQ(page->dead_letters(0).reason(), "broken");
  EXPECT_EQ(page->dead_letters(1).reason(), "");
  request.set_page_token(page->next_page_token());
  page = Call(&DeadLetterService::Stub::ListDeadLetters, request, token);
  ASSERT_THAT(page, IsOk());
  EXPECT_EQ(page->dead_letters_size(), 1);
  EXPECT_EQ(page->next_page_token(), "");

  crm::event::v1::ReplayDeadLettersRequest replay;
  replay.set_source("customer");
  EXPECT_THAT(Call(&DeadLetterService::Stub::ReplayDeadLetters, replay, token),
              HasViolation("aggregate_id", "REQUIRED"));
  replay.set_aggregate_id(id);
  EXPECT_EQ(Call(&DeadLetterService::Stub::ReplayDeadLetters, replay, token)->events(), 3);
  EXPECT_EQ(schema_.Sql("SELECT count(*) FROM dead_letter WHERE replay")[0], "3");
  replay.set_aggregate_id(Uuid::New().ToString());
  EXPECT_THAT(Call(&DeadLetterService::Stub::ReplayDeadLetters, replay, token),
              HasReason("DEAD_LETTER_NOT_FOUND"));
  EXPECT_THAT(Call(&DeadLetterService::Stub::ReplayDeadLetters, replay, Token({"dead_letter:read"})),
              HasReason("PERMISSION_MISSING"));
}

TEST_F(InternalServicesTest, DeadJobsAreListedAndRevived) {
  const std::string id = Uuid::New().ToString();
  schema_.Sql("INSERT INTO job VALUES (2, '" + id + "', 'remind', 'reminders', 'remind/1', '" + id +
              "', '', 'DEAD', now(), 8, 9, 'no printer', now(), now())");
  const std::string token = Token({"dead_letter:*"});
  const auto jobs = Call(&DeadLetterService::Stub::ListDeadJobs, {}, token);
  ASSERT_THAT(jobs, IsOk());
  ASSERT_EQ(jobs->dead_jobs_size(), 1);
  EXPECT_EQ(jobs->dead_jobs(0).error(), "no printer");
  crm::event::v1::ReviveDeadJobRequest revive;
  revive.set_id(id);
  revive.set_shard(jobs->dead_jobs(0).shard());
  EXPECT_THAT(Call(&DeadLetterService::Stub::ReviveDeadJob, revive, token), IsOk());
  EXPECT_EQ(schema_.Sql("SELECT state FROM job")[0], "PENDING");
  EXPECT_THAT(Call(&DeadLetterService::Stub::ReviveDeadJob, revive, token), HasReason("DEAD_JOB_NOT_FOUND"));
}

TEST_F(InternalServicesTest, AListWhoseCallerLeavesEndsInPostgresql) {
  constexpr db::Statement kLock{"lock_dead_letters", "LOCK TABLE dead_letter IN ACCESS EXCLUSIVE MODE"};
  const auto waiting = [&] {
    return schema_.Sql(
               "SELECT count(*) FROM pg_stat_activity"
               " WHERE wait_event_type = 'Lock' AND usename = current_user")[0] != "0";
  };
  const absl::Status locked =
      db::RunTransaction(pool_, absl::Now() + absl::Seconds(4), [&](db::Transaction& tx) {
        tx.Query(kLock);
        grpc::ClientContext context;
        context.AddMetadata("authorization", "Bearer " + Token({"dead_letter:read"}));
        grpc::Status status;
        std::thread caller([&] {
          crm::event::v1::ListDeadLettersResponse response;
          status = DeadLetterService::NewStub(channel_)->ListDeadLetters(&context, {}, &response);
        });
        EXPECT_TRUE(testing::Eventually(waiting));
        context.TryCancel();
        caller.join();
        EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
        EXPECT_TRUE(testing::Eventually([&] { return !waiting(); }, std::chrono::seconds(2)));
        return absl::OkStatus();
      });
  EXPECT_THAT(locked, IsOk());
}

}  // namespace
}  // namespace crm::service
