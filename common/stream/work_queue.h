#pragma once
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/stream/redis.h"

namespace crm::stream {

// A Redis stream that many workers take hints from. What it carries is only a hint: the row that a hint names
// decides, so that a hint may be lost, come twice or come late. Not thread safe: one per thread.
class WorkQueue {
 public:
  struct Hint {
    std::string id;  // of the stream's entry
    std::string text;
  };

  // Queues of one name are one queue, in all processes of a service.
  WorkQueue(std::string redis_url, std::string_view service, std::string_view queue);

  // All in one round trip.
  absl::Status Push(absl::Span<const std::string> hints);
  // Hints that wait or are being worked on.
  absl::StatusOr<std::int64_t> Size();

  // At most `max` hints, waiting up to `block` for the first.
  absl::StatusOr<std::vector<Hint>> Take(int max, absl::Duration block);
  // Hints that some worker has taken at least `idle` ago and not finished.
  absl::StatusOr<std::vector<Hint>> TakeAbandoned(int max, absl::Duration idle);
  absl::Status Finish(absl::Span<const Hint> hints);
  // This worker takes no more.
  void Leave();

 private:
  absl::Status EnsureGroup();

  Redis redis_;
  const std::string key_, worker_;
};

}  // namespace crm::stream
