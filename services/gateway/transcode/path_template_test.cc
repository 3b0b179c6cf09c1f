#include "services/gateway/transcode/path_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crm::gateway {
namespace {

using testing::ElementsAre;
using testing::Optional;
using testing::Pair;

PathTemplate Of(std::string_view text) { return *PathTemplate::Parse(text); }

TEST(PathTemplate, MatchesLiteralsVariablesAndVerbs) {
  EXPECT_THAT(Of("/v1/leads").Match("/v1/leads"), Optional(ElementsAre()));
  EXPECT_THAT(Of("/v1/leads/{id}").Match("/v1/leads/42"), Optional(ElementsAre(Pair("id", "42"))));
  EXPECT_THAT(Of("/v1/leads/{lead.id}").Match("/v1/leads/a%20b"),
              Optional(ElementsAre(Pair("lead.id", "a b"))));
  EXPECT_THAT(Of("/v1/leads/{id}:qualify").Match("/v1/leads/42:qualify"),
              Optional(ElementsAre(Pair("id", "42"))));
  EXPECT_THAT(Of("/v1/a/{x}/b/{y}").Match("/v1/a/1/b/2"),
              Optional(ElementsAre(Pair("x", "1"), Pair("y", "2"))));
}

TEST(PathTemplate, RefusesOtherPaths) {
  for (const char* path : {"/v1/leads/", "/v1/leads//", "/v1/leads/1/2", "/v1/lead/1", "v1/leads/1", "", "/",
                           "/v1/leads/%zz", "/v1/leads/%ff"})
    EXPECT_EQ(Of("/v1/leads/{id}").Match(path), std::nullopt) << path;
  for (const char* path : {"/v1/leads/42", "/v1/leads/:qualify", "/v1/leads/42:qualif", ":qualify"})
    EXPECT_EQ(Of("/v1/leads/{id}:qualify").Match(path), std::nullopt) << path;
}

TEST(PathTemplate, RefusesTemplatesItCannotKeep) {
  for (const char* text : {"", "v1", "/v1/{id", "/v1/{}", "/v1//x", "/v1/{id=**}", "/v1/*", "/v1/x:"})
    EXPECT_FALSE(PathTemplate::Parse(text).ok()) << text;
}

TEST(PathTemplate, SaysWhatOverlaps) {
  EXPECT_TRUE(Of("/v1/leads/{id}").Overlaps(Of("/v1/leads/{lead.id}")));
  EXPECT_TRUE(Of("/v1/imports/{id}").Overlaps(Of("/v1/imports/leads")));
  EXPECT_FALSE(Of("/v1/leads/{id}").Overlaps(Of("/v1/leads/{id}:win")));
  EXPECT_FALSE(Of("/v1/leads/{id}").Overlaps(Of("/v1/leads")));
}

TEST(PercentDecode, GivesUtf8OrNothing) {
  EXPECT_EQ(PercentDecode("%E5%85%B3+%E7%B3%BB", true), "关 系");
  EXPECT_EQ(PercentDecode("a+b", false), "a+b");
  for (const char* bad : {"%", "%4", "%G0", "%C0%80", "%ED%A0%80", "%F4%90%80%80", "%E5%85"})
    EXPECT_EQ(PercentDecode(bad, false), std::nullopt) << bad;
}

}  // namespace
}  // namespace crm::gateway
