#pragma once
#include <string>
#include <string_view>

namespace crm {

// One JSON object per line on standard output: time, level, service, and either "message" or, for a text that
// begins with a quote, the fields it consists of (a call's line). Level by name: debug, info, warn, error.
void StartLogging(const std::string& service, const std::string& level);

// `text` as the inside of a JSON string.
std::string JsonEscape(std::string_view text);

}  // namespace crm
