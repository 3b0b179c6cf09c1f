#include "common/base/time_zone.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace crm {
namespace {

// Letters, digits and /_-+ only: no "..", and none of the "Fixed/UTC+08:00:00" that only Abseil knows.
bool IsPlain(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '/' || c == '_' || c == '-' || c == '+';
  });
}

}  // namespace

std::optional<absl::TimeZone> FindTimeZone(std::string_view name) {
  if (name.empty() || name.starts_with('/') || !IsPlain(name)) return std::nullopt;
  if (name == "localtime" || name.starts_with("right/") || name.starts_with("posix/")) return std::nullopt;
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(std::string(name), &zone)) return std::nullopt;
  return zone;
}

}  // namespace crm
