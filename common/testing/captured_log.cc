#include "common/testing/captured_log.h"

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

namespace crm::testing {

struct CapturedLog::State {
  const std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
  const std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines =
      std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(1000);
};

CapturedLog::CapturedLog() : state_(std::make_unique<State>()) {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", state_->lines));
}

CapturedLog::~CapturedLog() { spdlog::set_default_logger(state_->before); }

std::string CapturedLog::text() const {
  std::string text;
  for (const std::string& line : state_->lines->last_formatted()) text += line;
  return text;
}

}  // namespace crm::testing
