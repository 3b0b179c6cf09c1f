#pragma once
#include <memory>
#include <string>

namespace crm::testing {

// While it lives, what the process logs goes here instead of to standard output.
class CapturedLog {
 public:
  CapturedLog();
  ~CapturedLog();
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  std::string text() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace crm::testing
