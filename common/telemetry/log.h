#pragma once
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

// The log: one JSON object per line on standard output with time, level, service, and a message or the fields
// of a call. Thread safe. Before StartLogging a line has a time and a level in front instead.
namespace crm {

// Level by name: debug, info, warn, error.
void StartLogging(const std::string& service, const std::string& level);
void StopLogging();  // what was logged is out

enum class LogLevel { kInfo, kWarn, kError, kCritical };
void Log(LogLevel level, std::string_view message);

template <class... Parts>
void LogInfo(const Parts&... parts) {
  Log(LogLevel::kInfo, absl::StrCat(parts...));
}
template <class... Parts>
void LogWarn(const Parts&... parts) {
  Log(LogLevel::kWarn, absl::StrCat(parts...));
}
template <class... Parts>
void LogError(const Parts&... parts) {
  Log(LogLevel::kError, absl::StrCat(parts...));
}
template <class... Parts>
void LogCritical(const Parts&... parts) {
  Log(LogLevel::kCritical, absl::StrCat(parts...));
}

// Members of the line's object instead of a message, at level info: `"method":"…","ms":1.5`.
void LogFields(std::string_view json_members);

// `text` as the inside of a JSON string.
std::string JsonEscape(std::string_view text);

}  // namespace crm
