#include "common/service/dead_letter_service.h"

#include "common/db/transaction.h"
#include "common/outbox/outbox.h"
#include "common/rpc/fields.h"
#include "common/schedule/dead_jobs.h"
#include "common/status/errors.h"
#include "common/stream/dead_letters.h"

namespace crm::service {
namespace {

using Service = crm::event::v1::DeadLetterService::AsyncService;
using namespace crm::event::v1;  // NOLINT: the messages of this service

constexpr int kDefaultJobs = 50, kMostJobs = 200;

absl::StatusOr<ListDeadLettersResponse> List(db::Pool& pool, const rpc::Context& context,
                                             const ListDeadLettersRequest& request) {
  rpc::Fields fields;
  const rpc::Paging paging(request, 3, fields);
  stream::DeadLetter after;
  after.source = paging.TextAt(0, fields);
  after.aggregate_id = paging.IdAt(1, fields);
  after.aggregate_seq = paging.IntAt<std::int64_t>(2, fields);
  if (!fields.status().ok()) return fields.status();
  ListDeadLettersResponse response;
  const absl::Status status = db::RunStatements(pool, context.caller.deadline, [&](db::Transaction& tx) {
    auto letters = stream::ListDeadLetters(tx, &after, paging.limit());
    response.set_next_page_token(paging.Cut(letters, [](const stream::DeadLetter& letter) {
      return std::vector<std::string>{letter.source, letter.aggregate_id.ToString(),
                                      std::to_string(letter.aggregate_seq)};
    }));
    for (const stream::DeadLetter& letter : letters) {
      DeadLetter& message = *response.add_dead_letters();
      message.mutable_event()->ParseFromString(letter.event);
      message.set_reason(letter.reason);
      message.set_replaying(letter.replay);
      *message.mutable_create_time() = rpc::ToTimestamp(letter.create_time);
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<ReplayDeadLettersResponse> Replay(db::Pool& pool, const rpc::Context& context,
                                                 const ReplayDeadLettersRequest& request) {
  rpc::Fields fields;
  const std::string source = fields.Line("source", request.source(), 64, 1);
  const Uuid aggregate = fields.Id("aggregate_id", request.aggregate_id());
  if (!fields.status().ok()) return fields.status();
  ReplayDeadLettersResponse response;
  const absl::Status status = db::RunTransaction(pool, context.caller.deadline, [&](db::Transaction& tx) {
    response.set_events(stream::ReplayDeadLetters(tx, source, aggregate));
    return response.events() > 0 ? absl::OkStatus()
                                 : errors::NotFound("dead_letter", aggregate.ToString(), "aggregate_id");
  });
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<ListDeadJobsResponse> ListJobs(db::Pool& pool, const rpc::Context& context,
                                              const ListDeadJobsRequest& request) {
  rpc::Fields fields;
  if (request.page_size() < 0 || request.page_size() > kMostJobs)
    fields.Add("page_size", "OUT_OF_RANGE", "must be 1 to 200, or 0 for 50");
  if (!fields.status().ok()) return fields.status();
  ListDeadJobsResponse response;
  const absl::Status status = db::RunStatements(pool, context.caller.deadline, [&](db::Transaction& tx) {
    const int limit = request.page_size() == 0 ? kDefaultJobs : request.page_size();
    for (const schedule::DeadJob& job : schedule::ListDeadJobs(tx, limit)) {
      DeadJob& message = *response.add_dead_jobs();
      message.set_id(job.id.ToString());
      message.set_shard(job.shard);
      message.set_kind(job.kind);
      message.set_dedupe_key(job.dedupe_key);
      message.set_subject_id(job.subject_id.ToString());
      message.set_attempts(job.attempts);
      message.set_error(job.error);
      *message.mutable_died_time() = rpc::ToTimestamp(job.died);
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<ReviveDeadJobResponse> Revive(db::Pool& pool, const rpc::Context& context,
                                             const ReviveDeadJobRequest& request) {
  rpc::Fields fields;
  const Uuid id = fields.Id("id", request.id());
  if (request.shard() < 0 || request.shard() >= outbox::kShards)
    fields.Add("shard", "OUT_OF_RANGE", "give the shard that ListDeadJobs shows");
  if (!fields.status().ok()) return fields.status();
  const absl::Status status = db::RunTransaction(pool, context.caller.deadline, [&](db::Transaction& tx) {
    return schedule::ReviveJob(tx, request.shard(), id) ? absl::OkStatus()
                                                        : errors::NotFound("dead_job", id.ToString());
  });
  if (!status.ok()) return status;
  return ReviveDeadJobResponse();
}

template <class Request, class Response>
rpc::Handler<Request, Response> On(db::Pool& pool, rpc::Executor& executor,
                                   absl::StatusOr<Response> (*run)(db::Pool&, const rpc::Context&,
                                                                   const Request&)) {
  return rpc::Alone<Request, Response>(executor,
                                       [&pool, run](const rpc::Context& context, const Request& request) {
                                         return run(pool, context, request);
                                       });
}

}  // namespace

void RegisterDeadLetters(rpc::Server& server, Service& service, db::Pool& pool, rpc::Executor& executor) {
  server.Unary(service, "ListDeadLetters", On(pool, executor, List));
  server.Unary(service, "ReplayDeadLetters", On(pool, executor, Replay));
  server.Unary(service, "ListDeadJobs", On(pool, executor, ListJobs));
  server.Unary(service, "ReviveDeadJob", On(pool, executor, Revive));
}

}  // namespace crm::service
