#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace crm {

// A program's settings: `--some-name=value`, `--some-name value`, or GUANXI_SOME_NAME in the environment, the
// flag before the environment before the default. Declare, parse once, then read from any thread. Reading a
// name that was not declared, or under another type, is a programming error and ends the process.
class Config {
 public:
  // `program` and `purpose` head the help text.
  Config(std::string program, std::string purpose);

  // How a value is shown: kUrl hides passwords, kSecret everything.
  enum class Show { kPlain, kUrl, kSecret };

  Config& Text(std::string name, std::string fallback, std::string help, Show show = Show::kPlain);
  Config& Int(std::string name, std::int64_t fallback, std::string help);
  Config& Bool(std::string name, bool fallback, std::string help);  // `--reflection`, `--reflection=false`
  Config& Duration(std::string name, absl::Duration fallback, std::string help);   // "500ms", "2m"
  Config& Required(std::string name, std::string help, Show show = Show::kPlain);  // text without a default

  // INVALID_ARGUMENT lists every fault at once: unknown flags with the nearest known one, values that cannot
  // be read, required ones that are missing. With --help only that is noted.
  absl::Status Parse(int argc, const char* const* argv);
  bool help_requested() const { return help_requested_; }
  std::string Help() const;

  const std::string& Text(std::string_view name) const;
  std::int64_t Int(std::string_view name) const;
  bool Bool(std::string_view name) const;
  absl::Duration Duration(std::string_view name) const;

  // Every setting, its value with secrets masked, and where it came from; a line each.
  std::string Effective() const;

 private:
  enum class Type { kText, kInt, kBool, kDuration };
  struct Setting {
    Type type = Type::kText;
    Show show = Show::kPlain;
    bool required = false;
    std::string help, value, origin = "default";
  };
  Config& Declare(std::string name, Setting setting);
  const std::string& Value(std::string_view name, Type type) const;
  void Set(const std::string& name, Setting& setting, std::string value, std::string origin,
           std::vector<std::string>& faults);
  std::string Nearest(std::string_view name) const;

  const std::string program_, purpose_;
  std::map<std::string, Setting, std::less<>> settings_;
  bool help_requested_ = false;
};

// A connection string without its passwords: "redis://user:***@host", "host=db password=***".
std::string MaskPasswords(std::string_view url);

}  // namespace crm
