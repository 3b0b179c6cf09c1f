#pragma once
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

namespace crm::testing {

// Calls `body(0)` … `body(threads - 1)` at the same time, each on a thread of its own, and waits for all.
inline void RunConcurrently(int threads, const std::function<void(int)>& body) {
  std::vector<std::thread> running;
  running.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) running.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : running) thread.join();
}

// Polls until `holds()` or until `patience` has passed; says whether it held.
inline bool Eventually(const std::function<bool()>& holds,
                       std::chrono::milliseconds patience = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace crm::testing
