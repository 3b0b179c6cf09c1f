#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace crm::rpc {

// A few worker threads with a bounded queue; workers = database connections, few. Thread safe.
class Executor {
 public:
  Executor(std::string name, int workers, std::size_t max_waiting);
  ~Executor();  // stops

  // False when the queue is full or was stopped: the caller answers RESOURCE_EXHAUSTED.
  [[nodiscard]] bool Submit(std::function<void()> task);

  // Takes nothing more, runs what waits, joins. Idempotent; not from one of its own tasks.
  void Stop();

 private:
  void Work();

  const std::size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace crm::rpc
