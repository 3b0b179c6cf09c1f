#include "common/base/text.h"

#include <gmock/gmock.h>

#include <chrono>
#include <random>

#include "common/testing/concurrent.h"

namespace crm::text {
namespace {

using ::testing::Optional;

TEST(TextTest, NormaliseMakesEqualThingsEqual) {
  EXPECT_EQ(Normalise("  ＡＣＭＥ　 Trading\tLTD "), "acme trading ltd");
  EXPECT_EQ(Normalise("上海華為貿易"), "上海华为贸易");
  EXPECT_EQ(Normalise("Straße"), "strasse");
  EXPECT_EQ(Normalise("ＣＡＦÉ"), Normalise("cafe\xCC\x81"));
  EXPECT_EQ(Normalise("ﾃﾞｰﾀ"), "データ");
  EXPECT_EQ(Normalise(""), "");
}

TEST(TextTest, TidyKeepsCaseAndWidth) {
  EXPECT_EQ(Tidy("\xEF\xBB\xBF  李　雷 \n Han\x01 "), "李 雷 Han");
  EXPECT_EQ(Tidy("ＡＢ"), "ＡＢ");
}

TEST(TextTest, CutTakesWholeCharacters) {
  EXPECT_EQ(Cut("華為技術", 3), "華為技");
  EXPECT_EQ(Cut("a𠮷é", 2), "a𠮷");
  EXPECT_EQ(Cut("short", 4000), "short");
  EXPECT_EQ(Cut("", 1), "");
  EXPECT_EQ(Cut("x", 0), "");
}

TEST(TextTest, NormaliseTwiceIsNormaliseOnce) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {"华", "為", "ﬁ",      "Å",  " ", "　", "ＡＢ",
                                           "ß",  "x",  "\u200B", "貿", "é", "Ω",  "𠮷"};
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (int j = 0; j < 8; ++j) text += pieces[random() % pieces.size()];
    const std::string once = Normalise(text);
    EXPECT_EQ(Normalise(once), once) << text;
    EXPECT_EQ(InvalidUtf8(once), std::nullopt);
  }
}

TEST(TextTest, CompanyKeyDropsTheLegalForm) {
  for (const char* name : {"上海華為科技有限公司", "上海华为科技股份有限公司", "上海华为科技集团",
                           "上海 华为 科技（集团）有限公司", "上海华为科技"})
    EXPECT_EQ(CompanyKey(name), "上海华为科技") << name;
  for (const char* name : {"Acme Trading Co., Ltd.", "ACME TRADING, Inc", "Acme-Trading GmbH",
                           "acme trading S.A.", "Ａｃｍｅ Trading LLC", "Acme Trading GmbH & Co. KG"})
    EXPECT_EQ(CompanyKey(name), "acmetrading") << name;
  EXPECT_EQ(CompanyKey("Limited"), "limited");
  EXPECT_EQ(CompanyKey("公司"), "公司");
  EXPECT_EQ(CompanyKey("阿里巴巴（中国）有限公司"), "阿里巴巴中国");
  EXPECT_NE(CompanyKey("Costco"), CompanyKey("Cost"));
}

TEST(TextTest, EmailIsLowerCaseOrNothing) {
  EXPECT_THAT(Email(" Li.Lei@Example.COM "), Optional(std::string("li.lei@example.com")));
  EXPECT_THAT(Email("a+b@例子.中国"), Optional(std::string("a+b@xn--fsqu00a.xn--fiqs8s")));
  for (const char* bad : {"", "li", "li@", "@example.com", "li@@example.com", "li@example", "li@-x.com",
                          "a b@x.com", ".li@x.com", "li..lei@x.com", "li@x..com", "li@1.2.3.4", "a,b@x.com"})
    EXPECT_EQ(Email(bad), std::nullopt) << bad;
}

TEST(TextTest, PhoneIsE164) {
  const struct {
    const char *text, *country, *expected;
  } kCases[] = {{"138 0013 8000", "CN", "+8613800138000"},
                {"１３８００１３８０００", "CN", "+8613800138000"},
                {"+86 138-0013-8000", "US", "+8613800138000"},
                {"0086 13800138000", "CN", "+8613800138000"},
                {"8613800138000", "CN", "+8613800138000"},
                {"(010) 6552 9988", "CN", "+861065529988"},
                {"021-65529988 转 8012", "CN", "+862165529988"},
                {"400-820-8820", "CN", "+864008208820"},
                {"(415) 555-2671 ext. 12", "US", "+14155552671"},
                {"1-415-555-2671", "US", "+14155552671"},
                {"020 7946 0958", "GB", "+442079460958"},
                {"+44 (0)20 7946 0958", "CN", "+442079460958"},
                {"030/901820", "DE", "+4930901820"},
                {"06 6982", "IT", "+39066982"},
                {"8 912 345-67-89", "RU", "+79123456789"}};
  for (const auto& c : kCases) EXPECT_EQ(Phone(c.text, c.country).value_or("none"), c.expected) << c.text;
  for (const char* bad :
       {"", "abc", "123", "12800138000", "1380013800", "+", "0", "+0 123456", "99999999999999999999"})
    EXPECT_EQ(Phone(bad), std::nullopt) << bad;
}

TEST(TextTest, FindsTheFirstIllFormedByte) {
  EXPECT_EQ(InvalidUtf8("abc 中文 😀"), std::nullopt);
  EXPECT_EQ(InvalidUtf8("ab\xC4\xE3"), 2u);
  EXPECT_EQ(InvalidUtf8("中\xED\xA0\x80"), 3u);  // a surrogate
  EXPECT_EQ(InvalidUtf8("\xC0\x80"), 0u);        // overlong
  EXPECT_EQ(InvalidUtf8(std::string_view("a\0b", 3)), 1u);
  EXPECT_EQ(Length("a中😀"), 3u);
}

TEST(TextTest, ThreadsAgree) {
  const std::string expected = CompanyKey("臺灣積體電路製造股份有限公司");
  crm::testing::RunConcurrently(4, [&](int) {
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(CompanyKey("臺灣積體電路製造股份有限公司"), expected);
  });
}

}  // namespace
}  // namespace crm::text
