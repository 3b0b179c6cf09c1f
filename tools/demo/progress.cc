#include "tools/demo/progress.h"

#include <unistd.h>

#include <cstdio>

namespace crm::demo {
namespace {

constexpr auto kEvery = std::chrono::seconds(15);

}  // namespace

Progress::Progress()
    : terminal_(isatty(STDOUT_FILENO) == 1), next_(std::chrono::steady_clock::now() + kEvery) {}

Progress::~Progress() {
  if (terminal_) std::printf("\r\033[K");
}

void Progress::Show(const std::string& text) {
  if (terminal_) {
    std::printf("\r\033[K    %s", text.c_str());
  } else if (const auto now = std::chrono::steady_clock::now(); now >= next_) {
    std::printf("    %s\n", text.c_str());
    next_ = now + kEvery;
  }
  std::fflush(stdout);
}

}  // namespace crm::demo
