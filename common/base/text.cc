#include "common/base/text.h"

#include <unicode/bytestream.h>
#include <unicode/idna.h>
#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace crm::text {
namespace {

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) > 0; });
}

bool IsAsciiSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char AsciiLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAsciiAlnum(char c) { return IsDigit(c) || (AsciiLower(c) >= 'a' && AsciiLower(c) <= 'z'); }

// Reads one code point; ill-formed bytes come back as negative.
UChar32 NextCodePoint(std::string_view text, std::int32_t& at) {
  UChar32 c;
  U8_NEXT(text.data(), at, static_cast<std::int32_t>(text.size()), c);
  return c;
}

std::string AsciiTidy(std::string_view text, bool fold) {
  std::string tidy;
  tidy.reserve(text.size());
  bool gap = false;
  for (const char c : text) {
    if (IsAsciiSpace(c)) {
      gap = !tidy.empty();
    } else if (c > 0x1F && c != 0x7F) {
      if (gap) tidy += ' ';
      gap = false;
      tidy += fold ? AsciiLower(c) : c;
    }
  }
  return tidy;
}

constexpr UChar32 kHanBegin = 0x3400, kHanEnd = 0xA000;
bool IsHan(UChar32 c) { return (c >= kHanBegin && c < kHanEnd) || (c >= 0x20000 && c < 0x32000); }

bool HasHan(std::string_view text) {
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size());)
    if (IsHan(NextCodePoint(text, at))) return true;
  return false;
}

// Simplified form of each Han character of the basic plane. ICU's transliterator walks its rule set for every
// character, so each is asked once per process; characters change one by one in this direction.
class Simplifier {
 public:
  static const Simplifier& Get() {
    static const Simplifier simplifier;
    return simplifier;
  }

  std::string operator()(std::string_view text) const {
    std::string simple;
    simple.reserve(text.size());
    for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size());) {
      const std::int32_t begin = at;
      const UChar32 c = NextCodePoint(text, at);
      if (c >= kHanBegin && c < kHanEnd && simplified_[static_cast<std::size_t>(c - kHanBegin)] != 0) {
        std::array<std::uint8_t, U8_MAX_LENGTH> bytes;
        std::int32_t length = 0;
        U8_APPEND_UNSAFE(bytes.data(), length, simplified_[static_cast<std::size_t>(c - kHanBegin)]);
        simple.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
      } else {
        simple.append(text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin)));
      }
    }
    return simple;
  }

 private:
  Simplifier() {
    UErrorCode error = U_ZERO_ERROR;
    const std::unique_ptr<icu::Transliterator> transliterator(
        icu::Transliterator::createInstance("Traditional-Simplified", UTRANS_FORWARD, error));
    if (U_FAILURE(error) || transliterator == nullptr) return;
    // One call for all, a line each: the rules never cross a line break.
    icu::UnicodeString all;
    for (UChar32 c = kHanBegin; c < kHanEnd; ++c) all.append(c).append(u'\n');
    transliterator->transliterate(all);
    UChar32 c = kHanBegin;
    for (std::int32_t at = 0; at + 1 < all.length() && c < kHanEnd; ++c) {
      const UChar32 simple = all.char32At(at);
      if (simple != c && IsHan(simple)) simplified_[static_cast<std::size_t>(c - kHanBegin)] = simple;
      while (at < all.length() && all[at] != u'\n') ++at;
      ++at;
    }
  }

  std::array<UChar32, kHanEnd - kHanBegin> simplified_{};
};

std::string FoldCase(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCCasefoldInstance(error);
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded);
  if (U_SUCCESS(error))
    nfkc->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink,
                        nullptr, error);
  return U_SUCCESS(error) ? folded : std::string(text);
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

// Longest first, so that nothing of a longer form is left behind.
constexpr std::string_view kChineseForms[] = {"股份有限责任公司",
                                              "集团有限责任公司",
                                              "集团股份有限公司",
                                              "有限责任公司",
                                              "股份有限公司",
                                              "集团有限公司",
                                              "有限合伙企业",
                                              "特殊普通合伙",
                                              "集团公司",
                                              "股份公司",
                                              "有限公司",
                                              "有限合伙",
                                              "普通合伙",
                                              "股份",
                                              "集团",
                                              "公司",
                                              "株式会社"};
constexpr std::string_view kLatinForms[] = {
    "incorporated", "corporation", "company", "limited", "holdings", "holding", "gmbh", "corp",
    "group",        "pte",         "pty",     "ltda",    "sarl",     "srl",     "spa",  "sas",
    "inc",          "ltd",         "llc",     "llp",     "plc",      "co",      "ag",   "kg",
    "sa",           "bv",          "nv",      "ab",      "oy",       "as"};

// Words of letters and digits; other characters end a word, but dots inside "S.A." do not.
std::vector<std::string_view> Words(std::string_view text, std::string& buffer) {
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  buffer.reserve(text.size());
  std::size_t begin = 0;
  const auto finish = [&] {
    if (buffer.size() > begin) ranges.emplace_back(begin, buffer.size() - begin);
    begin = buffer.size();
  };
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size());) {
    const std::int32_t from = at;
    const UChar32 c = NextCodePoint(text, at);
    if (c < 0x80 ? IsAsciiAlnum(static_cast<char>(c))
                 : u_isalnum(c) ||
                       (u_charType(c) >= U_NON_SPACING_MARK && u_charType(c) <= U_COMBINING_SPACING_MARK)) {
      buffer.append(text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(at - from)));
    } else if (c != '.' && c != '\'' && c != 0x2019) {
      finish();
    }
  }
  finish();
  std::vector<std::string_view> words;
  for (const auto& [from, length] : ranges) words.push_back(std::string_view(buffer).substr(from, length));
  return words;
}

}  // namespace

std::optional<std::size_t> InvalidUtf8(std::string_view text) {
  if (IsAscii(text)) return std::nullopt;
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < size;) {
    const std::int32_t begin = at;
    UChar32 c;
    U8_NEXT(text.data(), at, size, c);
    if (c <= 0) return static_cast<std::size_t>(begin);
  }
  return std::nullopt;
}

std::size_t Length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string Cut(std::string_view text, std::size_t length) {
  std::int32_t end = 0;
  const auto size = static_cast<std::int32_t>(text.size());
  for (; length > 0 && end < size; --length) (void)NextCodePoint(text, end);
  return std::string(text.substr(0, static_cast<std::size_t>(end)));
}

std::string Tidy(std::string_view text) {
  if (IsAscii(text)) return AsciiTidy(text, false);
  std::string tidy;
  tidy.reserve(text.size());
  bool gap = false;
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size());) {
    const std::int32_t begin = at;
    const UChar32 c = NextCodePoint(text, at);
    if (c < 0 || c == 0xFEFF || c == 0x200B) continue;  // byte-order mark, zero-width space
    if (u_isUWhiteSpace(c)) {
      gap = !tidy.empty();
    } else if (!u_iscntrl(c)) {
      if (gap) tidy += ' ';
      gap = false;
      tidy.append(text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin)));
    }
  }
  return tidy;
}

std::string Normalise(std::string_view text) {
  if (IsAscii(text)) return AsciiTidy(text, true);
  std::string folded = FoldCase(text);
  if (HasHan(folded)) folded = Simplifier::Get()(folded);
  return Tidy(folded);
}

std::string CompanyKey(std::string_view name) {
  std::string buffer;
  const std::string normal = Normalise(name);
  std::vector<std::string_view> words = Words(normal, buffer);
  while (words.size() > 1 &&
         std::find(std::begin(kLatinForms), std::end(kLatinForms), words.back()) != std::end(kLatinForms))
    words.pop_back();
  std::string key;
  for (const std::string_view word : words) key += word;
  for (bool stripped = true; stripped;) {
    stripped = false;
    for (const std::string_view form : kChineseForms) {
      if (!EndsWith(key, form)) continue;
      key.resize(key.size() - form.size());
      stripped = true;
      break;
    }
  }
  return key;
}

std::optional<std::string> Email(std::string_view text) {
  std::string address = Normalise(text);
  const std::size_t at = address.find('@');
  if (at == std::string::npos || at == 0 || at > 64 || address.find('@', at + 1) != std::string::npos)
    return std::nullopt;
  std::string domain = address.substr(at + 1);
  if (!IsAscii(domain)) {
    UErrorCode error = U_ZERO_ERROR;
    static const icu::IDNA* const idna =
        icu::IDNA::createUTS46Instance(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_USE_STD3_RULES, error);
    if (idna == nullptr) return std::nullopt;
    std::string ascii;
    icu::StringByteSink<std::string> sink(&ascii);
    icu::IDNAInfo info;
    idna->nameToASCII_UTF8(icu::StringPiece(domain.data(), static_cast<std::int32_t>(domain.size())), sink,
                           info, error);
    if (U_FAILURE(error) || info.hasErrors()) return std::nullopt;
    domain = std::move(ascii);
  }
  if (domain.size() > 253 || domain.find('.') == std::string::npos) return std::nullopt;
  for (std::size_t begin = 0; begin <= domain.size();) {
    const std::size_t end = std::min(domain.find('.', begin), domain.size());
    const std::string_view label = std::string_view(domain).substr(begin, end - begin);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
        !std::all_of(label.begin(), label.end(), [](char c) { return IsAsciiAlnum(c) || c == '-'; }))
      return std::nullopt;
    begin = end + 1;
  }
  if (IsDigit(domain.back())) return std::nullopt;  // an IP address is no mail domain here
  const std::string_view local = std::string_view(address).substr(0, at);
  constexpr std::string_view kSpecials = "()<>[]:;@\\,\" ";
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos ||
      local.find_first_of(kSpecials) != std::string_view::npos)
    return std::nullopt;
  return address.substr(0, at + 1) + domain;
}

}  // namespace crm::text
