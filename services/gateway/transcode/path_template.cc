#include "services/gateway/transcode/path_template.h"

namespace crm::gateway {
namespace {

std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

int Hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

absl::StatusOr<PathTemplate> PathTemplate::Parse(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("path template ",
                                                   absl::string_view(text.data(), text.size()), ": ",
                                                   absl::string_view(why.data(), why.size())));
  };
  if (text.empty() || text[0] != '/') return bad("has to begin with /");
  PathTemplate made;
  made.text_ = std::string(text);
  const std::size_t verb = text.rfind(':');
  if (verb != text.npos && text.find('/', verb) == text.npos) {
    made.verb_ = std::string(text.substr(verb + 1));
    if (made.verb_.empty()) return bad("has an empty verb");
    text = text.substr(0, verb);
  }
  for (std::string_view part : Split(text)) {
    if (part.empty()) return bad("has an empty segment");
    const bool variable = part.front() == '{';
    if (variable) {
      if (part.back() != '}' || part.size() < 3) return bad("has a variable without name or end");
      part = part.substr(1, part.size() - 2);
    }
    if (part.find_first_of("{}*=") != part.npos)
      return bad("uses more than literals and variables of one segment");
    made.segments_.push_back({variable, std::string(part)});
    if (variable) {
      made.variables_.emplace_back(part);
    } else {
      ++made.literals_;
    }
  }
  return made;
}

std::optional<PathVariables> PathTemplate::Match(std::string_view path) const {
  if (path.empty() || path[0] != '/') return std::nullopt;
  if (!verb_.empty()) {
    if (path.size() <= verb_.size() + 1 || path.substr(path.size() - verb_.size()) != verb_ ||
        path[path.size() - verb_.size() - 1] != ':')
      return std::nullopt;
    path.remove_suffix(verb_.size() + 1);
  }
  PathVariables variables;
  std::size_t begin = 1;
  for (const Segment& segment : segments_) {
    if (begin > path.size()) return std::nullopt;
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (segment.variable) {
      auto value = PercentDecode(part, false);
      if (!value || value->empty()) return std::nullopt;
      variables.emplace_back(segment.text, *std::move(value));
    } else if (part != segment.text) {
      return std::nullopt;
    }
    begin = end + 1;
  }
  if (begin <= path.size()) return std::nullopt;
  return variables;
}

bool PathTemplate::Overlaps(const PathTemplate& other) const {
  if (verb_ != other.verb_ || segments_.size() != other.segments_.size()) return false;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Segment &a = segments_[i], &b = other.segments_[i];
    if (!a.variable && !b.variable && a.text != b.text) return false;
  }
  return true;
}

std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || Hex(text[i + 1]) < 0 || Hex(text[i + 2]) < 0) return std::nullopt;
      decoded.push_back(static_cast<char>(Hex(text[i + 1]) * 16 + Hex(text[i + 2])));
      i += 2;
    } else {
      decoded.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  if (!IsUtf8(decoded)) return std::nullopt;
  return decoded;
}

bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const int more = lead >= 0xC2 && lead <= 0xDF   ? 1
                     : (lead & 0xF0) == 0xE0        ? 2
                     : lead >= 0xF0 && lead <= 0xF4 ? 3
                                                    : 0;
    if (more == 0 || i + more >= text.size()) return false;
    const unsigned char second = byte(i + 1);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F))
      return false;  // over-long, a surrogate, or beyond U+10FFFF
    for (int k = 1; k <= more; ++k)
      if ((byte(i + k) & 0xC0) != 0x80) return false;
    i += more + 1;
  }
  return true;
}

}  // namespace crm::gateway
