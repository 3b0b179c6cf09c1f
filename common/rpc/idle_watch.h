#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "absl/time/time.h"

namespace crm::rpc {

// Looks at every open stream once in a while, to see whether its client has fallen silent. Thread safe.
class IdleWatch {
 public:
  explicit IdleWatch(absl::Duration period);
  ~IdleWatch();

  // `look` is called until Remove returns. False when there are `most` already.
  bool Add(const void* stream, std::function<void(absl::Time now)> look, std::size_t most);
  void Remove(const void* stream);

 private:
  void Watch();

  const absl::Duration period_;
  std::mutex mutex_;
  std::condition_variable ending_;
  bool ended_ = false;
  std::map<const void*, std::function<void(absl::Time)>> open_;
  std::thread thread_;
};

}  // namespace crm::rpc
