#include "common/telemetry/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <mutex>

namespace crm {
namespace {

class FieldsOrMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& log, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string_view text(log.payload.data(), log.payload.size());
    const std::string json =
        text.starts_with('"') ? std::string(text) : R"("message":")" + JsonEscape(text) + '"';
    out.append(json.data(), json.data() + json.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<FieldsOrMessage>();
  }
};

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
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<FieldsOrMessage>('*').set_pattern(
      R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","service":")" + service + R"(",%*})");
  auto logger = std::make_shared<spdlog::logger>(service, std::make_shared<BufferedStdout>());
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
  spdlog::flush_every(std::chrono::seconds(1));
}

}  // namespace crm
