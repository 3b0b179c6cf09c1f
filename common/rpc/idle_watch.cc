#include "common/rpc/idle_watch.h"

#include <pthread.h>

#include "absl/time/clock.h"

namespace crm::rpc {

IdleWatch::IdleWatch(absl::Duration period) : period_(period), thread_([this] { Watch(); }) {
  pthread_setname_np(thread_.native_handle(), "idle-watch");
}

IdleWatch::~IdleWatch() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ending_.notify_all();
  thread_.join();
}

bool IdleWatch::Add(const void* stream, std::function<void(absl::Time)> look, std::size_t most) {
  std::lock_guard lock(mutex_);
  if (open_.size() >= most) return false;
  open_.emplace(stream, std::move(look));
  return true;
}

void IdleWatch::Remove(const void* stream) {
  std::lock_guard lock(mutex_);
  open_.erase(stream);
}

void IdleWatch::Watch() {
  std::unique_lock lock(mutex_);
  while (!ending_.wait_for(lock, absl::ToChronoNanoseconds(period_), [this] { return ended_; }))
    for (const auto& [stream, look] : open_) look(absl::Now());
}

}  // namespace crm::rpc
