#include "services/customer/domain/search_grams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace crm::customer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool Finds(std::string_view query, std::string_view text) {
  const auto indexed = GramsToIndex(text), wanted = GramsToFind(query);
  return !wanted.empty() && std::ranges::includes(indexed, wanted);
}

TEST(SearchGrams, FindPartsOfWordsInEveryScript) {
  EXPECT_TRUE(Finds("华为", "深圳华为技术"));
  EXPECT_TRUE(Finds("华", "深圳华为技术"));
  EXPECT_TRUE(Finds("uawe", "huawei technologies"));
  EXPECT_TRUE(Finds("te", "huawei technologies"));
  EXPECT_TRUE(Finds("tech wei", "huawei technologies"));
  EXPECT_TRUE(Finds("мир", "новый мир"));
  EXPECT_FALSE(Finds("中兴", "深圳华为技术"));
  EXPECT_FALSE(Finds("weit", "huawei technologies")) << "words are apart";
}

TEST(SearchGrams, ALoneLatinLetterIsNotLookedFor) {
  EXPECT_THAT(GramsToFind("h"), IsEmpty());
  EXPECT_THAT(GramsToFind("  "), IsEmpty());
  EXPECT_THAT(GramsToFind("h 华"), ElementsAre("华"));
}

TEST(SearchGrams, WhateverIsContainedIsFound) {
  std::mt19937 random(3);
  const std::vector<std::string> letters = {"a", "b", "é", "华", "为", "技", "z"};
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> word(3 + random() % 10);
    for (std::string& letter : word) letter = letters[random() % letters.size()];
    const std::size_t from = random() % (word.size() - 2), length = 2 + random() % (word.size() - from - 1);
    std::string text, part;
    for (std::size_t i = 0; i < word.size(); ++i) {
      text += word[i];
      if (i >= from && i < from + length) part += word[i];
    }
    EXPECT_TRUE(Finds(part, text)) << part << " in " << text;
  }
}

}  // namespace
}  // namespace crm::customer
