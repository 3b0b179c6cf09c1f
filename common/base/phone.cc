#include <algorithm>
#include <array>
#include <string>

#include "common/base/text.h"

namespace crm::text {
namespace {

// ITU-T E.164: the country codes of one and two digits. All others have three.
constexpr std::string_view kShortCodes[] = {
    "1",  "7",  "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45",
    "46", "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63",
    "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98"};

struct Plan {
  std::string_view country, code;
  std::string_view trunk;          // dialled before a national number, dropped in E.164
  int shortest = 6, longest = 12;  // digits of a national number
};
constexpr Plan kPlans[] = {
    {"CN", "86", "0", 7, 12},  {"HK", "852", "", 8, 9},  {"MO", "853", "", 8, 8},   {"TW", "886", "0", 8, 9},
    {"US", "1", "1", 10, 10},  {"CA", "1", "1", 10, 10}, {"BR", "55", "0", 10, 11}, {"MX", "52", "", 10, 10},
    {"GB", "44", "0", 9, 10},  {"IE", "353", "0", 7, 9}, {"DE", "49", "0", 6, 12},  {"FR", "33", "0", 9, 9},
    {"IT", "39", "", 6, 11},   {"ES", "34", "", 9, 9},   {"PT", "351", "", 9, 9},   {"NL", "31", "0", 9, 9},
    {"BE", "32", "0", 8, 9},   {"CH", "41", "0", 9, 9},  {"AT", "43", "0", 6, 13},  {"SE", "46", "0", 7, 10},
    {"NO", "47", "", 8, 8},    {"DK", "45", "", 8, 8},   {"FI", "358", "0", 5, 11}, {"PL", "48", "", 9, 9},
    {"CZ", "420", "", 9, 9},   {"RU", "7", "8", 10, 10}, {"TR", "90", "0", 10, 10}, {"JP", "81", "0", 9, 10},
    {"KR", "82", "0", 8, 10},  {"SG", "65", "", 8, 8},   {"MY", "60", "0", 8, 10},  {"TH", "66", "0", 8, 9},
    {"VN", "84", "0", 9, 10},  {"ID", "62", "0", 8, 12}, {"PH", "63", "0", 8, 10},  {"IN", "91", "0", 10, 10},
    {"AU", "61", "0", 9, 9},   {"NZ", "64", "0", 8, 10}, {"ZA", "27", "0", 9, 9},   {"AE", "971", "0", 8, 9},
    {"SA", "966", "0", 8, 9},  {"IL", "972", "0", 8, 9}, {"EG", "20", "0", 8, 10},  {"NG", "234", "0", 8, 10},
    {"AR", "54", "0", 10, 11}, {"CL", "56", "", 9, 9},   {"CO", "57", "", 10, 10},  {"PE", "51", "0", 8, 9}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

const Plan* PlanOfCountry(std::string_view country) {
  const auto found = std::find_if(std::begin(kPlans), std::end(kPlans),
                                  [&](const Plan& plan) { return plan.country == country; });
  return found == std::end(kPlans) ? nullptr : found;
}

std::size_t CodeLength(std::string_view digits) {
  for (const std::string_view code : kShortCodes)
    if (digits.substr(0, code.size()) == code) return code.size();
  return 3;
}

bool FitsChina(std::string_view national) {
  if (national[0] == '1' && national.size() == 11) return national[1] >= '3';  // mobile
  if (national.substr(0, 3) == "400" || national.substr(0, 3) == "800") return national.size() == 10;
  if (national[0] == '1')
    return national.substr(0, 2) == "10" && national.size() >= 9 && national.size() <= 10;
  // Area code of two or three digits and a number of seven or eight.
  return national.size() >= 9 && national.size() <= 11;
}

}  // namespace

std::optional<std::string> Phone(std::string_view text, std::string_view country) {
  const std::string normal = Normalise(text);
  std::string digits;
  bool international = false;
  for (std::size_t i = 0; i < normal.size(); ++i) {
    const char c = normal[i];
    if (IsDigit(c)) {
      digits += c;
    } else if (c == '+' && digits.empty() && !international) {
      international = true;
    } else if (c == 'x' || c == '#' || c == ',' || c == ';' || normal.compare(i, 3, "ext") == 0 ||
               normal.compare(i, 6, "转") == 0 || normal.compare(i, 3, "转") == 0) {
      if (digits.empty()) return std::nullopt;
      break;  // an extension
    } else if (std::string_view(" -.()/").find(c) == std::string_view::npos) {
      // Dashes of other scripts are punctuation too; letters are not.
      constexpr std::string_view kDashes[] = {"‐", "‑", "–", "—", "−", "ー", "·"};
      const auto dash = std::find_if(std::begin(kDashes), std::end(kDashes), [&](std::string_view d) {
        return std::string_view(normal).substr(i, d.size()) == d;
      });
      if (dash == std::end(kDashes)) return std::nullopt;
      i += dash->size() - 1;
    }
  }
  const Plan* home = PlanOfCountry(country);
  if (!international && digits.starts_with("00")) {
    digits.erase(0, 2);
    international = true;
  }
  // "86 138 0013 8000" without a plus: too long for a national number, right with the country code.
  if (!international && home != nullptr && digits.starts_with(home->code) &&
      static_cast<int>(digits.size()) > (home->code == "86" ? 11 : home->longest) && digits[0] != '0')
    international = true;
  if (digits.empty()) return std::nullopt;

  std::string code, national;
  const Plan* plan = home;
  if (international) {
    code = digits.substr(0, CodeLength(digits));
    national = digits.substr(std::min(code.size(), digits.size()));
    const auto found = std::find_if(std::begin(kPlans), std::end(kPlans),
                                    [&](const Plan& candidate) { return candidate.code == code; });
    plan = found == std::end(kPlans) ? nullptr : found;
    if (code[0] == '0') return std::nullopt;
  } else {
    if (home == nullptr) return std::nullopt;
    code = home->code;
    national = digits;
  }
  // "+86 (0)10 …" carries the trunk prefix as well.
  if (plan != nullptr && !plan->trunk.empty() && national.starts_with(plan->trunk) &&
      (plan->trunk == "0" || static_cast<int>(national.size()) > plan->longest))
    national.erase(0, plan->trunk.size());
  const auto size = static_cast<int>(national.size());
  if (size < (plan != nullptr ? plan->shortest : 4) || size > (plan != nullptr ? plan->longest : 14) ||
      code.size() + national.size() > 15)
    return std::nullopt;
  if (code == "86" && !FitsChina(national)) return std::nullopt;
  if (code == "1" && (national[0] < '2' || national[3] < '2')) return std::nullopt;
  return "+" + code + national;
}

}  // namespace crm::text
