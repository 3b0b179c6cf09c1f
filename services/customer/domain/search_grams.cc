#include "services/customer/domain/search_grams.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace crm::customer {
namespace {

// The words of a text, each as its characters.
std::vector<std::vector<std::string_view>> SplitWords(std::string_view text) {
  std::vector<std::vector<std::string_view>> words(1);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    const std::string_view character = text.substr(at, end - at);
    if (character == " ") {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back().push_back(character);
    }
    at = end;
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// Three bytes and more: ideographs, kana, hangul. Latin, Greek, Cyrillic, Hebrew and Arabic letters have
// fewer.
bool IsWide(std::string_view character) { return character.size() >= 3; }

void Cut(const std::vector<std::string_view>& word, std::size_t length, std::vector<std::string>& grams) {
  for (std::size_t from = 0; from + length <= word.size(); ++from) {
    if (length == 1 && !IsWide(word[from])) continue;
    std::string& gram = grams.emplace_back();
    for (std::size_t i = from; i < from + length; ++i) gram += word[i];
  }
}

std::vector<std::string> SortedOnce(std::vector<std::string> grams) {
  std::sort(grams.begin(), grams.end());
  grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
  return grams;
}

}  // namespace

std::vector<std::string> GramsToIndex(std::string_view text) {
  std::vector<std::string> grams;
  for (const auto& word : SplitWords(text))
    for (std::size_t length = 1; length <= 3; ++length) Cut(word, length, grams);
  return SortedOnce(std::move(grams));
}

std::vector<std::string> GramsToFind(std::string_view query) {
  std::vector<std::string> grams;
  for (const auto& word : SplitWords(query)) Cut(word, std::min<std::size_t>(word.size(), 3), grams);
  return SortedOnce(std::move(grams));
}

}  // namespace crm::customer
