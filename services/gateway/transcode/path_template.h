#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace crm::gateway {

// What stood in a path where the template has a variable: field path and decoded text.
using PathVariables = std::vector<std::pair<std::string, std::string>>;

// A path of google.api.http: literal segments, variables `{id}` and `{lead.id}` of one segment each, and a
// verb at the end (`:qualify`).
class PathTemplate {
 public:
  // INVALID_ARGUMENT when `text` is not of the form above.
  static absl::StatusOr<PathTemplate> Parse(std::string_view text);

  // The variables when `path` (percent-encoded, without query) matches. A variable is never empty.
  std::optional<PathVariables> Match(std::string_view path) const;

  // True when a path can match both; the one with more literals is the more special.
  bool Overlaps(const PathTemplate& other) const;
  int literals() const { return literals_; }
  const std::vector<std::string>& variables() const { return variables_; }
  const std::string& text() const { return text_; }

 private:
  struct Segment {
    bool variable;
    std::string text;  // the literal, or the field path
  };
  std::string text_, verb_;
  std::vector<Segment> segments_;
  std::vector<std::string> variables_;
  int literals_ = 0;
};

// Decodes %XX, and in query strings "+" as a space. nullopt when malformed or not UTF-8 afterwards.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);

bool IsUtf8(std::string_view text);

}  // namespace crm::gateway
