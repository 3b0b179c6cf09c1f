#include "common/db/timeouts.h"

#include <libpq-fe.h>

#include <map>
#include <memory>

namespace crm::db {
namespace {

const std::map<std::string, std::string>& Defaults() {
  static const auto& defaults = *new std::map<std::string, std::string>{
      {"connect_timeout", "3"},      // seconds, for each host
      {"keepalives_idle", "5"},      // seconds of silence, then a question
      {"keepalives_interval", "2"},  // every two seconds
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "10000"},  // milliseconds that something sent may stay unacknowledged
  };
  return defaults;
}

std::string Quoted(const std::string& value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

}  // namespace

std::string WithTimeouts(const std::string& url) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), nullptr), PQconninfoFree);
  if (options == nullptr) return url;
  std::map<std::string, std::string> settings = Defaults();
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr) settings[option->keyword] = option->val;
  std::string text;
  for (const auto& [keyword, value] : settings)
    text += (text.empty() ? "" : " ") + keyword + "=" + Quoted(value);
  return text;
}

}  // namespace crm::db
