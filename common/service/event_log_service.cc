#include "common/service/event_log_service.h"

#include "common/base/timestamp.h"
#include "common/db/transaction.h"
#include "common/outbox/outbox.h"
#include "common/status/errors.h"
#include "common/status/to_grpc.h"

namespace crm::service {
namespace {

using crm::event::v1::ReadEventsRequest;
using crm::event::v1::ReadEventsResponse;

constexpr int kPage = 500;
constexpr std::size_t kPageBytes = 1024 * 1024;  // a client takes messages of 4 MiB at most

absl::StatusOr<outbox::LogPosition> PositionOf(const ReadEventsRequest& request) {
  errors::Violations violations;
  if (request.shard() < 0 || request.shard() >= outbox::kShards)
    violations.Add("shard", "OUT_OF_RANGE", absl::StrCat("shards are 0 to ", outbox::kShards - 1));
  outbox::LogPosition position;
  if (request.has_after()) {
    position.recorded_time = ToTime(request.after().recorded_time());
    if (!request.after().event_id().empty()) {
      const auto id = Uuid::Parse(request.after().event_id());
      if (!id) violations.Add("after.event_id", "MALFORMED", "give the id of the last event read");
      position.id = id.value_or(Uuid());
    }
  }
  if (!violations.empty()) return violations.ToStatus();
  return position;
}

class Call : public grpc::ServerWriteReactor<ReadEventsResponse> {
 public:
  Call(const rpc::Method& method, rpc::Context context) : method_(method), context_(std::move(context)) {}

  void End(const absl::Status& status) {
    method_.Finished(context_, status, begin_);
    Finish(ToGrpc(status));
  }
  void OnDone() override { delete this; }

 private:
  const rpc::Method& method_;
  const rpc::Context context_;
  const absl::Time begin_ = absl::Now();
};

// One page is read while the caller takes the one before: memory stays flat however long the log is.
class Reader final : public Call {
 public:
  Reader(const rpc::Method& method, rpc::Context context, db::Pool& pool, rpc::Executor& executor, int shard,
         outbox::LogPosition position)
      : Call(method, std::move(context)),
        pool_(pool),
        executor_(executor),
        shard_(shard),
        position_(position) {
    Next();
  }

  void OnWriteDone(bool ok) override {
    if (!ok || last_) return End(absl::OkStatus());
    Next();
  }

 private:
  void Next() {
    if (!executor_.Submit([this] { ReadPage(); })) End(errors::Overloaded(absl::Seconds(1)));
  }

  void ReadPage() {
    std::vector<outbox::LoggedEvent> events;
    const absl::Status status =
        db::RunStatements(pool_, absl::Now() + absl::Seconds(5), [&](db::Transaction& tx) {
          events = outbox::ReadLog(tx, shard_, position_, kPage);
          return absl::OkStatus();
        });
    if (!status.ok() || events.empty()) return End(status);
    page_.Clear();
    std::size_t bytes = 0;
    for (const outbox::LoggedEvent& event : events) {
      bytes += event.bytes.size();
      if (bytes > kPageBytes && page_.events_size() > 0) break;
      page_.add_events()->ParseFromString(event.bytes);
      position_ = {event.recorded_time, event.id};
    }
    SetTimestamp(*page_.mutable_position()->mutable_recorded_time(), position_.recorded_time);
    page_.mutable_position()->set_event_id(position_.id.ToString());
    last_ = events.size() < kPage && position_.id == events.back().id;
    StartWrite(&page_);
  }

  db::Pool& pool_;
  rpc::Executor& executor_;
  const int shard_;
  outbox::LogPosition position_;
  ReadEventsResponse page_;
  bool last_ = false;
};

}  // namespace

grpc::ServerWriteReactor<ReadEventsResponse>* EventLogService::ReadEvents(
    grpc::CallbackServerContext* context, const ReadEventsRequest* request) {
  rpc::Context call;
  absl::Status status = gate_.Admit(context->client_metadata(), context->deadline(), method_.name(),
                                    method_.permission(), call);
  absl::StatusOr<outbox::LogPosition> position = status.ok() ? PositionOf(*request) : status;
  if (!position.ok()) {
    auto* refused = new Call(method_, std::move(call));
    refused->End(position.status());
    return refused;
  }
  return new Reader(method_, std::move(call), pool_, executor_, request->shard(), *position);
}

stream::ReadEvents ReadEventsOf(std::shared_ptr<grpc::Channel> channel, std::string token) {
  std::shared_ptr<crm::event::v1::EventLogService::Stub> stub =
      crm::event::v1::EventLogService::NewStub(channel);
  return [stub, token](int shard, const outbox::LogPosition& after,
                       int limit) -> absl::StatusOr<std::vector<stream::Event>> {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    context.AddMetadata("authorization", "Bearer " + token);
    ReadEventsRequest request;
    request.set_shard(shard);
    if (after.recorded_time != absl::InfinitePast()) {
      SetTimestamp(*request.mutable_after()->mutable_recorded_time(), after.recorded_time);
      if (!after.id.nil()) request.mutable_after()->set_event_id(after.id.ToString());
    }
    std::vector<stream::Event> events;
    ReadEventsResponse page;
    const auto reader = stub->ReadEvents(&context, request);
    while (static_cast<int>(events.size()) < limit && reader->Read(&page))
      for (auto& event : *page.mutable_events()) events.push_back(std::move(event));
    if (static_cast<int>(events.size()) >= limit) {
      context.TryCancel();  // enough for now; the caller asks again behind the last of these
      reader->Finish();
      return events;
    }
    if (const grpc::Status status = reader->Finish(); !status.ok()) return FromGrpc(status);
    return events;
  };
}

}  // namespace crm::service
