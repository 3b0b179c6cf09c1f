#include "common/base/config.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace crm {
namespace {

std::optional<std::int64_t> ParseInt(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> ParseBool(std::string_view text) {
  if (text == "true" || text == "1" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "0" || text == "no" || text == "off") return false;
  return std::nullopt;
}

std::optional<absl::Duration> ParseDuration(std::string_view text) {
  absl::Duration value;
  if (!absl::ParseDuration(absl::string_view(text.data(), text.size()), &value)) return std::nullopt;
  return value;
}

std::string EnvironmentName(std::string_view name) {
  std::string variable = "GUANXI_";
  for (const char c : name) variable += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return variable;
}

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

[[noreturn]] void Misused(std::string_view name) {
  std::fprintf(stderr, "config: --%.*s was not declared, or as another type\n", static_cast<int>(name.size()),
               name.data());
  std::abort();
}

}  // namespace

Config::Config(std::string program, std::string purpose)
    : program_(std::move(program)), purpose_(std::move(purpose)) {}

Config& Config::Declare(std::string name, Setting setting) {
  settings_.insert_or_assign(std::move(name), std::move(setting));
  return *this;
}

Config& Config::Text(std::string name, std::string fallback, std::string help, Show show) {
  return Declare(std::move(name), {Type::kText, show, false, std::move(help), std::move(fallback)});
}
Config& Config::Int(std::string name, std::int64_t fallback, std::string help) {
  return Declare(std::move(name), {Type::kInt, Show::kPlain, false, std::move(help), absl::StrCat(fallback)});
}
Config& Config::Bool(std::string name, bool fallback, std::string help) {
  return Declare(std::move(name),
                 {Type::kBool, Show::kPlain, false, std::move(help), fallback ? "true" : "false"});
}
Config& Config::Duration(std::string name, absl::Duration fallback, std::string help) {
  return Declare(std::move(name),
                 {Type::kDuration, Show::kPlain, false, std::move(help), absl::FormatDuration(fallback)});
}
Config& Config::Required(std::string name, std::string help, Show show) {
  return Declare(std::move(name), {Type::kText, show, true, std::move(help), ""});
}

void Config::Set(const std::string& name, Setting& setting, std::string value, std::string origin,
                 std::vector<std::string>& faults) {
  const char* wanted = nullptr;
  if (setting.type == Type::kInt && !ParseInt(value)) wanted = "a whole number";
  if (setting.type == Type::kBool && !ParseBool(value)) wanted = "true or false";
  if (setting.type == Type::kDuration && !ParseDuration(value)) wanted = "a duration like 500ms, 30s or 2m";
  if (wanted != nullptr) {
    const std::string shown = setting.show == Show::kPlain ? absl::StrCat(" \"", value, "\"") : "";
    faults.push_back(absl::StrCat("--", name, " (", origin, ")", shown, ": must be ", wanted));
    return;
  }
  setting.value = std::move(value);
  setting.origin = std::move(origin);
}

absl::Status Config::Parse(int argc, const char* const* argv) {
  std::vector<std::string> faults;
  for (auto& [name, setting] : settings_) {
    const std::string variable = EnvironmentName(name);
    if (const char* value = std::getenv(variable.c_str()); value != nullptr && *value != '\0')
      Set(name, setting, value, variable, faults);
  }
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (word == "--help" || word == "-h") {
      help_requested_ = true;
      return absl::OkStatus();
    }
    if (!word.starts_with("--")) {
      faults.push_back(
          absl::StrCat("\"", std::string(word), "\": settings begin with two dashes; see --help"));
      continue;
    }
    word.remove_prefix(2);
    const std::size_t equals = word.find('=');
    const std::string name(word.substr(0, equals));
    const auto found = settings_.find(name);
    if (found == settings_.end()) {
      const std::string nearest = Nearest(name);
      faults.push_back(
          absl::StrCat("--", name, " is unknown; ",
                       nearest.empty() ? "see --help" : absl::StrCat("did you mean --", nearest, "?")));
      // A following word without dashes is this flag's value, not another fault.
      if (equals == std::string_view::npos && i + 1 < argc &&
          !std::string_view(argv[i + 1]).starts_with("--"))
        ++i;
      continue;
    }
    if (equals != std::string_view::npos) {
      Set(name, found->second, std::string(word.substr(equals + 1)), "flag", faults);
    } else if (found->second.type == Type::kBool && (i + 1 == argc || !ParseBool(argv[i + 1]))) {
      Set(name, found->second, "true", "flag", faults);
    } else if (i + 1 < argc) {
      Set(name, found->second, argv[++i], "flag", faults);
    } else {
      faults.push_back(absl::StrCat("--", name, " has no value"));
    }
  }
  for (const auto& [name, setting] : settings_)
    if (setting.required && setting.value.empty())
      faults.push_back(
          absl::StrCat("--", name, " (or ", EnvironmentName(name), ") is missing: ", setting.help));
  if (faults.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(program_, ": ", absl::StrJoin(faults, "\n")));
}

std::string Config::Nearest(std::string_view name) const {
  std::string nearest;
  std::size_t best = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& [known, setting] : settings_) {
    const std::size_t distance = EditDistance(name, known);
    if (distance < best) best = distance, nearest = known;
  }
  return nearest;
}

std::string Config::Help() const {
  std::string help = absl::StrCat(program_, ": ", purpose_, "\n\n");
  for (const auto& [name, setting] : settings_) {
    absl::StrAppend(&help, "  --", name, "  (", EnvironmentName(name), ")\n      ", setting.help);
    if (setting.required) absl::StrAppend(&help, " Required.");
    if (!setting.required && !setting.value.empty() && setting.origin == "default" &&
        setting.show == Show::kPlain)
      absl::StrAppend(&help, " Default: ", setting.value, ".");
    help += '\n';
  }
  return help;
}

const std::string& Config::Value(std::string_view name, Type type) const {
  const auto found = settings_.find(name);
  if (found == settings_.end() || found->second.type != type) Misused(name);
  return found->second.value;
}

const std::string& Config::Text(std::string_view name) const { return Value(name, Type::kText); }
std::int64_t Config::Int(std::string_view name) const { return *ParseInt(Value(name, Type::kInt)); }
bool Config::Bool(std::string_view name) const { return *ParseBool(Value(name, Type::kBool)); }
absl::Duration Config::Duration(std::string_view name) const {
  return *ParseDuration(Value(name, Type::kDuration));
}

std::string Config::Effective() const {
  std::string text;
  for (const auto& [name, setting] : settings_) {
    std::string shown = setting.value;
    if (setting.show == Show::kUrl) shown = MaskPasswords(shown);
    if (setting.show == Show::kSecret && !shown.empty()) shown = "***";
    absl::StrAppend(&text, name, " = ", shown, "  [", setting.origin, "]\n");
  }
  return text;
}

std::string MaskPasswords(std::string_view url) {
  std::vector<bool> hidden(url.size());
  const auto hide = [&hidden](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) hidden[i] = true;
  };
  // user:password@host. A password may hold what elsewhere ends it, so it reaches to the last @.
  const std::size_t scheme = url.find("://"), at = url.rfind('@');
  const std::size_t colon = url.find(':', scheme == url.npos ? 0 : scheme + 3);
  if (at != url.npos && colon < at) hide(colon + 1, at);
  // password=value, as a query parameter or as libpq's keyword, there with quotes and backslashes.
  constexpr std::string_view kSpaces = " \t\n\r\f\v", kKeyword = "password";
  for (std::size_t found = 0; (found = url.find(kKeyword, found)) != url.npos;) {
    found += kKeyword.size();
    const std::size_t equals = url.find_first_not_of(kSpaces, found);
    if (equals == url.npos || url[equals] != '=') continue;
    const std::size_t begin = std::min(url.find_first_not_of(kSpaces, equals + 1), url.size());
    const bool quoted = scheme == url.npos && begin < url.size() && url[begin] == '\'';
    const std::string_view ends = quoted ? "'" : scheme == url.npos ? kSpaces : "&";
    std::size_t end = begin + (quoted ? 1 : 0);
    while (end < url.size() && ends.find(url[end]) == ends.npos) end += url[end] == '\\' ? 2 : 1;
    found = std::min(end + (quoted ? 1 : 0), url.size());
    hide(begin, found);
  }
  std::string masked;
  for (std::size_t i = 0; i < url.size(); ++i) {
    if (!hidden[i]) {
      masked.push_back(url[i]);
    } else if (i == 0 || !hidden[i - 1]) {
      masked.append("***");
    }
  }
  return masked;
}

}  // namespace crm
