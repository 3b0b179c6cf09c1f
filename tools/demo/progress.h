#pragma once
#include <chrono>
#include <string>

namespace crm::demo {

// How far a long step is: on a terminal one line that is rewritten in place and goes with this, elsewhere a
// line every 15 seconds.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(const std::string& text);

 private:
  const bool terminal_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace crm::demo
