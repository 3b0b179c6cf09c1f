#include "common/telemetry/trace.h"

#include <random>

#include "absl/strings/str_cat.h"

namespace crm {
namespace {

// version-trace-parent-flags in lower case; version ff and ids of nothing but zeros are not allowed.
bool IsTraceparent(std::string_view text) {
  if (text.size() != 55) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 2 || i == 35 || i == 52;
    const char c = text[i];
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  const auto nothing = [](std::string_view id) { return id.find_first_not_of('0') == id.npos; };
  return !text.starts_with("ff") && !nothing(text.substr(3, 32)) && !nothing(text.substr(36, 16));
}

}  // namespace

std::string TraceparentOr(std::string_view text) {
  if (IsTraceparent(text)) return std::string(text);
  thread_local std::mt19937_64 random{std::random_device{}()};
  return absl::StrCat("00-", absl::Hex(random(), absl::kZeroPad16), absl::Hex(random() | 1, absl::kZeroPad16),
                      "-", absl::Hex(random() | 1, absl::kZeroPad16), "-01");
}

}  // namespace crm
