#include "common/stream/work_queue.h"

#include "common/base/uuid.h"
#include "common/status/errors.h"

namespace crm::stream {
namespace {

constexpr const char* kGroup = "workers";

std::vector<WorkQueue::Hint> HintsOf(const RedisReply& entries) {
  std::vector<WorkQueue::Hint> hints;
  for (const RedisReply& entry : entries.items) {
    if (entry.items.size() < 2) continue;
    const auto& fields = entry.items[1].items;
    hints.push_back({entry.items[0].text, fields.size() < 2 ? "" : fields[1].text});
  }
  return hints;
}

}  // namespace

WorkQueue::WorkQueue(std::string redis_url, std::string_view service, std::string_view queue)
    : redis_(std::move(redis_url)),
      key_("crm:{" + std::string(service) + "-" + std::string(queue) + "}:work"),
      worker_(Uuid::New().ToString()) {}

absl::Status WorkQueue::Push(absl::Span<const std::string> hints) {
  std::vector<RedisCommand> commands;
  commands.reserve(hints.size());
  for (const std::string& hint : hints) commands.push_back({"XADD", key_, "*", "h", hint});
  auto replies = redis_.Pipeline(commands);
  if (!replies.ok()) return replies.status();
  for (const RedisReply& reply : *replies)
    if (reply.error()) return errors::Unavailable("REDIS_UNAVAILABLE", "Redis: " + reply.text);
  return absl::OkStatus();
}

absl::StatusOr<std::int64_t> WorkQueue::Size() {
  auto reply = redis_.Run({"XLEN", key_});
  if (!reply.ok()) return reply.status();
  return reply->integer;
}

absl::Status WorkQueue::EnsureGroup() {
  auto replies = redis_.Pipeline({{"XGROUP", "CREATE", key_, kGroup, "0", "MKSTREAM"}});
  if (!replies.ok()) return replies.status();
  if (replies->front().error() && !replies->front().error("BUSYGROUP"))
    return errors::Unavailable("REDIS_UNAVAILABLE", "Redis: " + replies->front().text);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<WorkQueue::Hint>> WorkQueue::Take(int max, absl::Duration block) {
  const std::int64_t millis = std::max<std::int64_t>(1, absl::ToInt64Milliseconds(block));
  auto replies = redis_.Pipeline({{"XREADGROUP", "GROUP", kGroup, worker_, "COUNT", std::to_string(max),
                                   "BLOCK", std::to_string(millis), "STREAMS", key_, ">"}},
                                 block);
  if (!replies.ok()) return replies.status();
  const RedisReply& reply = replies->front();
  if (reply.error("NOGROUP") || reply.error("UNBLOCKED")) {
    if (absl::Status status = EnsureGroup(); !status.ok()) return status;
    return std::vector<Hint>();
  }
  if (reply.error()) return errors::Unavailable("REDIS_UNAVAILABLE", "Redis: " + reply.text);
  if (reply.items.empty() || reply.items[0].items.size() < 2) return std::vector<Hint>();
  return HintsOf(reply.items[0].items[1]);
}

absl::StatusOr<std::vector<WorkQueue::Hint>> WorkQueue::TakeAbandoned(int max, absl::Duration idle) {
  auto replies =
      redis_.Pipeline({{"XAUTOCLAIM", key_, kGroup, worker_, std::to_string(absl::ToInt64Milliseconds(idle)),
                        "0", "COUNT", std::to_string(max)}});
  if (!replies.ok()) return replies.status();
  const RedisReply& reply = replies->front();
  if (reply.error() || reply.items.size() < 2) return std::vector<Hint>();
  return HintsOf(reply.items[1]);
}

absl::Status WorkQueue::Finish(absl::Span<const Hint> hints) {
  if (hints.empty()) return absl::OkStatus();
  RedisCommand acknowledge = {"XACK", key_, kGroup}, remove = {"XDEL", key_};
  for (const Hint& hint : hints) {
    acknowledge.push_back(hint.id);
    remove.push_back(hint.id);
  }
  return redis_.Pipeline({acknowledge, remove}).status();
}

void WorkQueue::Leave() {
  // Only without anything pending: that would be lost with the worker's name.
  auto pending = redis_.Run({"XPENDING", key_, kGroup, "-", "+", "1", worker_});
  if (pending.ok() && pending->items.empty())
    redis_.Run({"XGROUP", "DELCONSUMER", key_, kGroup, worker_}).IgnoreError();
}

}  // namespace crm::stream
