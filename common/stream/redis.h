#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace crm::stream {

// What Redis answered.
struct RedisReply {
  enum class Kind { kNil, kText, kInteger, kArray, kError };
  Kind kind = Kind::kNil;
  std::string text;  // of kText and kError
  std::int64_t integer = 0;
  std::vector<RedisReply> items;

  bool nil() const { return kind == Kind::kNil; }
  bool error() const { return kind == Kind::kError; }
  // An error reply that begins with `code` ("NOGROUP", "BUSYGROUP").
  bool error(std::string_view code) const { return error() && std::string_view(text).starts_with(code); }
};

using RedisCommand = std::vector<std::string>;

// One connection, opened on first use and reopened on the first use after it broke. A broken connection is
// UNAVAILABLE (reason REDIS_UNAVAILABLE), and whether the command took effect is then unknown.
// Not thread safe: one per thread.
class Redis {
 public:
  // redis://[user:password@]host[:port][/database], unix:///path/to/socket[?db=N&password=P], or host:port.
  explicit Redis(std::string url);
  ~Redis();
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  // An error reply becomes a FAILED_PRECONDITION with Redis's words.
  absl::StatusOr<RedisReply> Run(const RedisCommand& command);

  // All in one round trip; error replies stand among the answers. Waits at most `extra` longer than usual.
  absl::StatusOr<std::vector<RedisReply>> Pipeline(absl::Span<const RedisCommand> commands,
                                                   absl::Duration extra = absl::ZeroDuration());

  // Another id than before: the server was restarted or replaced, and may have lost what it was told.
  absl::StatusOr<std::string> RunId();

  // Counts up with every connection made; 0 before the first.
  std::int64_t connections() const { return connections_; }

 private:
  absl::Status Connect();
  void Disconnect();

  struct Context;
  const std::string url_;
  std::unique_ptr<Context> context_;
  std::int64_t connections_ = 0;
};

}  // namespace crm::stream
