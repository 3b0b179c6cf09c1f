#include "common/telemetry/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <mutex>

namespace crm {
namespace {

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kCritical:
      return spdlog::level::critical;
  }
  return spdlog::level::critical;
}

// Standard output without a system call per line: spdlog's own sink flushes each.
class BufferedStdout final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  BufferedStdout() { std::setvbuf(stdout, nullptr, _IOFBF, 64 * 1024); }

 private:
  void sink_it_(const spdlog::details::log_msg& log) override {
    spdlog::memory_buf_t line;
    formatter_->format(log, line);
    std::fwrite(line.data(), 1, line.size(), stdout);
  }
  void flush_() override { std::fflush(stdout); }
};

}  // namespace

std::string JsonEscape(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      escaped += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      escaped += {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 0xF]};
    } else {
      escaped += c;
    }
  }
  return escaped;
}

void StartLogging(const std::string& service, const std::string& level) {
  auto logger = std::make_shared<spdlog::logger>(service, std::make_shared<BufferedStdout>());
  logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","service":"%n",%v})",
                      spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
  spdlog::flush_every(std::chrono::seconds(1));
}

void StopLogging() { spdlog::shutdown(); }

void LogFields(std::string_view json_members) {
  spdlog::default_logger_raw()->log(spdlog::level::info, spdlog::string_view_t(json_members));
}

void Log(LogLevel level, std::string_view message) {
  const std::string member = absl::StrCat(R"("message":")", JsonEscape(message), "\"");
  spdlog::default_logger_raw()->log(LevelOf(level), spdlog::string_view_t(member));
}

}  // namespace crm
