#include "common/base/jitter.h"

#include <random>

namespace crm {

void SleepJitter(int attempt) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  std::this_thread::sleep_for(
      std::chrono::milliseconds(std::uniform_int_distribution<>(0, 1 << std::min(attempt, 6))(random)));
}

}  // namespace crm
