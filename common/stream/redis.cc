#include "common/stream/redis.h"

#include <hiredis/hiredis.h>
#include <signal.h>

#include <charconv>
#include <mutex>
#include <utility>

#include "common/status/errors.h"

namespace crm::stream {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(2), kCommandTimeout = absl::Seconds(5);

struct Address {
  std::string host = "127.0.0.1", socket, user, password;
  int port = 6379, database = 0;
};

std::string Unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      plain += static_cast<char>(value);
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

bool ReadInt(std::string_view text, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

std::optional<Address> ParseAddress(std::string_view url) {
  Address address;
  if (url.starts_with("unix://")) {
    url.remove_prefix(7);
    const std::size_t question = url.find('?');
    address.socket = url.substr(0, question);
    std::string_view query = question == std::string_view::npos ? "" : url.substr(question + 1);
    while (!query.empty()) {
      const std::string_view pair = query.substr(0, query.find('&'));
      query.remove_prefix(std::min(pair.size() + 1, query.size()));
      if (pair.starts_with("db=") && !ReadInt(pair.substr(3), address.database)) return std::nullopt;
      if (pair.starts_with("password=")) address.password = Unescape(pair.substr(9));
    }
    return address.socket.empty() ? std::nullopt : std::optional(address);
  }
  if (url.starts_with("redis://")) url.remove_prefix(8);
  if (url.find("://") != std::string_view::npos) return std::nullopt;
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    const std::string_view who = url.substr(0, at);
    const std::size_t colon = who.find(':');
    address.user = Unescape(who.substr(0, colon));
    if (colon != std::string_view::npos) address.password = Unescape(who.substr(colon + 1));
    url.remove_prefix(at + 1);
  }
  const std::size_t slash = url.find('/');
  if (slash != std::string_view::npos && slash + 1 < url.size() &&
      !ReadInt(url.substr(slash + 1), address.database))
    return std::nullopt;
  url = url.substr(0, slash);
  const std::size_t colon = url.rfind(':');
  if (colon != std::string_view::npos && !ReadInt(url.substr(colon + 1), address.port)) return std::nullopt;
  if (url.substr(0, colon).size() > 0) address.host = url.substr(0, colon);
  return address;
}

absl::Status Unavailable(std::string_view what) {
  return errors::Unavailable("REDIS_UNAVAILABLE", "Redis: " + std::string(what));
}

RedisReply Take(const redisReply& reply) {
  RedisReply value;
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      value.kind = RedisReply::Kind::kInteger;
      value.integer = reply.integer;
      break;
    case REDIS_REPLY_ARRAY:
      value.kind = RedisReply::Kind::kArray;
      value.items.reserve(reply.elements);
      for (std::size_t i = 0; i < reply.elements; ++i) value.items.push_back(Take(*reply.element[i]));
      break;
    case REDIS_REPLY_NIL:
      break;
    default:
      value.kind = reply.type == REDIS_REPLY_ERROR ? RedisReply::Kind::kError : RedisReply::Kind::kText;
      value.text.assign(reply.str, reply.len);
  }
  return value;
}

}  // namespace

struct Redis::Context {
  explicit Context(redisContext* context) : redis(context) {}
  ~Context() { redisFree(redis); }
  redisContext* redis;
};

Redis::Redis(std::string url) : url_(std::move(url)) {
  // A server that is gone is an error of the write and not of the process.
  static std::once_flag once;
  std::call_once(once, [] { signal(SIGPIPE, SIG_IGN); });
}

Redis::~Redis() = default;

void Redis::Disconnect() { context_.reset(); }

absl::Status Redis::Connect() {
  const auto address = ParseAddress(url_);
  if (!address)
    return errors::Make(absl::StatusCode::kInvalidArgument, "BAD_REDIS_URL",
                        "the Redis address must be redis://host:port/database or unix:///path");
  const timeval timeout = absl::ToTimeval(kConnectTimeout);
  redisContext* context = address->socket.empty()
                              ? redisConnectWithTimeout(address->host.c_str(), address->port, timeout)
                              : redisConnectUnixWithTimeout(address->socket.c_str(), timeout);
  if (context == nullptr) return Unavailable("out of memory");
  context_ = std::make_unique<Context>(context);
  ++connections_;
  if (context->err != 0) {
    const absl::Status status = Unavailable(context->errstr);
    Disconnect();
    return status;
  }
  // On a local socket it is refused, and the refusal stays in the context as an error.
  if (address->socket.empty()) redisEnableKeepAlive(context);
  std::vector<RedisCommand> greeting;
  if (!address->password.empty())
    greeting.push_back(address->user.empty() ? RedisCommand{"AUTH", address->password}
                                             : RedisCommand{"AUTH", address->user, address->password});
  if (address->database != 0) greeting.push_back({"SELECT", std::to_string(address->database)});
  if (greeting.empty()) return absl::OkStatus();
  auto replies = Pipeline(greeting);
  if (!replies.ok()) return replies.status();
  for (const RedisReply& reply : *replies) {
    if (!reply.error()) continue;
    const absl::Status status = Unavailable(reply.text);
    Disconnect();
    return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RedisReply>> Redis::Pipeline(absl::Span<const RedisCommand> commands,
                                                        absl::Duration extra) {
  if (context_ == nullptr)
    if (absl::Status status = Connect(); !status.ok()) return status;
  redisContext* redis = context_->redis;
  const auto broken = [&](std::string_view what) {
    const absl::Status status = Unavailable(what);
    Disconnect();
    return status;
  };
  if (redisSetTimeout(redis, absl::ToTimeval(kCommandTimeout + extra)) != REDIS_OK)
    return broken("no timeout");
  std::vector<const char*> words;
  std::vector<std::size_t> lengths;
  for (const RedisCommand& command : commands) {
    words.clear();
    lengths.clear();
    for (const std::string& word : command) words.push_back(word.data()), lengths.push_back(word.size());
    if (redisAppendCommandArgv(redis, static_cast<int>(words.size()), words.data(), lengths.data()) !=
        REDIS_OK)
      return broken(redis->errstr);
  }
  std::vector<RedisReply> replies;
  replies.reserve(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    void* reply = nullptr;
    if (redisGetReply(redis, &reply) != REDIS_OK || reply == nullptr)
      return broken(*redis->errstr != '\0' ? redis->errstr : "the connection broke");
    replies.push_back(Take(*static_cast<redisReply*>(reply)));
    freeReplyObject(reply);
  }
  return replies;
}

absl::StatusOr<RedisReply> Redis::Run(const RedisCommand& command) {
  auto replies = Pipeline(absl::MakeConstSpan(&command, 1));
  if (!replies.ok()) return replies.status();
  RedisReply reply = std::move(replies->front());
  // A server that is starting or shutting down answers, but does not work.
  if (reply.error("LOADING") || reply.error("MASTERDOWN") || reply.error("READONLY")) {
    Disconnect();
    return Unavailable(reply.text);
  }
  if (reply.error()) return errors::FailedPrecondition("REDIS_REFUSED", "Redis: " + reply.text);
  return reply;
}

absl::StatusOr<std::string> Redis::RunId() {
  auto reply = Run({"INFO", "server"});
  if (!reply.ok()) return reply.status();
  constexpr std::string_view kField = "run_id:";
  const std::size_t begin = reply->text.find(kField);
  if (begin == std::string::npos) return Unavailable("INFO names no run_id");
  const std::size_t from = begin + kField.size();
  return reply->text.substr(from, reply->text.find_first_of("\r\n", from) - from);
}

}  // namespace crm::stream
