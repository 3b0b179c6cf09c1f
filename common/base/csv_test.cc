#include "common/base/csv.h"

#include <gmock/gmock.h>

#include <random>

#include "common/base/text.h"

namespace crm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Parsed {
  std::vector<CsvRecord> records;
  std::optional<CsvProblem> error;
  std::int64_t error_line = 0;
};

Parsed Parse(std::string_view text, CsvOptions options = {}, std::size_t chunk = 1 << 20) {
  CsvParser parser(std::move(options));
  Parsed parsed;
  CsvRecord record;
  for (std::size_t at = 0; at < text.size() && parser.Feed(text.substr(at, chunk)); at += chunk)
    while (parser.Next(record)) parsed.records.push_back(record);
  parser.Finish();
  while (parser.Next(record)) parsed.records.push_back(record);
  parsed.error = parser.error();
  parsed.error_line = parser.error_line();
  return parsed;
}

TEST(CsvTest, ReadsWhatPeopleWrite) {
  const auto parsed = Parse(
      "\xEF\xBB\xBF"
      "company,note\r\n\"Acme, Inc\",\"line 1\r\nline \"\"2\"\"\"\r\n\r\n华为,\n",
      {});
  ASSERT_EQ(parsed.records.size(), 3u);
  EXPECT_THAT(parsed.records[0].fields, ElementsAre("company", "note"));
  EXPECT_THAT(parsed.records[1].fields, ElementsAre("Acme, Inc", "line 1\r\nline \"2\""));
  EXPECT_THAT(parsed.records[2].fields, ElementsAre("华为", ""));
  EXPECT_EQ(parsed.records[1].line, 2);
  EXPECT_EQ(parsed.records[2].line, 5);
}

TEST(CsvTest, ChunksMayBeCutAnywhere) {
  const std::string text =
      "\xEF\xBB\xBF"
      "a;\"b\"\"\r\n😀\";c\r\n中文;;\"\"\r\nlast;1;2";
  const auto whole = Parse(text);
  for (std::size_t chunk = 1; chunk < 12; ++chunk) {
    const auto parts = Parse(text, {}, chunk);
    ASSERT_EQ(parts.error, std::nullopt) << chunk;
    ASSERT_EQ(parts.records.size(), whole.records.size()) << chunk;
    for (std::size_t i = 0; i < whole.records.size(); ++i) {
      EXPECT_EQ(parts.records[i].fields, whole.records[i].fields) << chunk;
      EXPECT_EQ(parts.records[i].line, whole.records[i].line) << chunk;
    }
  }
}

TEST(CsvTest, WhatIsWrittenIsRead) {
  std::mt19937 random(11);
  const std::vector<std::string> pieces = {"a", "\"", ",", "\n", "\r\n", "华", " ", "😀", ";"};
  for (int round = 0; round < 300; ++round) {
    std::vector<std::vector<std::string>> rows(1 + random() % 6);
    std::string text;
    for (auto& row : rows) {
      row.resize(2 + random() % 4);
      for (std::size_t i = 0; i < row.size(); ++i) {
        for (std::size_t n = random() % 5; n > 0; --n) row[i] += pieces[random() % pieces.size()];
        std::string quoted = row[i];
        for (std::size_t at = 0; (at = quoted.find('"', at)) != std::string::npos; at += 2)
          quoted.insert(at, 1, '"');
        text += (i == 0 ? "\"" : ",\"") + quoted + "\"";
      }
      text += random() % 2 == 0 ? "\n" : "\r\n";
    }
    CsvOptions options;
    options.delimiter = ',';
    const auto parsed = Parse(text, options, 1 + random() % 20);
    ASSERT_EQ(parsed.records.size(), rows.size()) << text;
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(parsed.records[i].fields, rows[i]) << text;
  }
}

TEST(CsvTest, FindsTheDelimiter) {
  EXPECT_THAT(Parse("a;b;c\n1;2,5;3\n").records[1].fields, ElementsAre("1", "2,5", "3"));
  EXPECT_THAT(Parse("a\tb\n1\t2\n").records[1].fields, ElementsAre("1", "2"));
  EXPECT_THAT(Parse("\"a,b\"|c\n1|2\n").records[1].fields, ElementsAre("1", "2"));
  EXPECT_THAT(Parse("company\nAcme\n").records[1].fields, ElementsAre("Acme"));
}

TEST(CsvTest, ReadsTheStatedEncoding) {
  CsvOptions gbk;
  gbk.encoding = "GBK";
  for (std::size_t chunk : {1u, 3u, 1000u})
    EXPECT_THAT(Parse("\xB9\xAB\xCB\xBE,x\n\xBB\xAA\xCE\xAA,y\n", gbk, chunk).records[1].fields,
                ElementsAre("华为", "y"));
  CsvOptions latin;
  latin.encoding = "ISO-8859-1";
  EXPECT_THAT(Parse("caf\xE9,x\n", latin).records[0].fields, ElementsAre("café", "x"));
  CsvOptions utf16;
  utf16.encoding = "UTF-16";
  const std::string wide(
      "\xFF\xFE"
      "a\0,\0\x3D\xD8\x00\xDE\n\0",
      12);
  for (std::size_t chunk : {1u, 5u, 1000u})
    EXPECT_THAT(Parse(wide, utf16, chunk).records[0].fields, ElementsAre("a", "😀")) << chunk;
  CsvOptions unknown;
  unknown.encoding = "klingon";
  EXPECT_EQ(Parse("a,b\n", unknown).error->reason, "UNKNOWN_ENCODING");
}

TEST(CsvTest, RefusesAnotherEncodingWithASuggestion) {
  const auto gbk = Parse("company,source\nAcme,web\n\xB9\xAB\xCB\xBE\xBB\xAA\xCE\xAA,\xC9\xCF\xBA\xA3\n");
  ASSERT_TRUE(gbk.error);
  EXPECT_EQ(gbk.error->reason, "WRONG_ENCODING");
  EXPECT_THAT(gbk.error->message, HasSubstr("GB18030"));
  EXPECT_EQ(gbk.error_line, 3);
  EXPECT_EQ(gbk.records.size(), 2u);  // what came before stays readable
  const auto latin = Parse("company\nCaf\xE9 M\xFCller\nSoci\xE9t\xE9 g\xE9n\xE9rale\n");
  EXPECT_THAT(latin.error->message, HasSubstr("ISO-8859-1"));
  EXPECT_THAT(Parse(std::string("\xFF\xFE"
                                "a\0,\0",
                                6))
                  .error->message,
              HasSubstr("UTF-16"));
  EXPECT_TRUE(Parse("a,\xE4\xB8").error);  // cut inside a character
}

TEST(CsvTest, ReportsBadRowsAndGoesOn) {
  CsvOptions options;
  options.max_columns = 3;
  options.max_field_bytes = 8;
  const auto parsed = Parse("a,b,c\n1,2,3,4\nok,ok,ok\n中文中文中文,x,y\n\"a\"b,2,3\nz,z,z\n", options);
  ASSERT_EQ(parsed.records.size(), 6u);
  EXPECT_EQ(parsed.records[1].problem->reason, "TOO_MANY_COLUMNS");
  EXPECT_FALSE(parsed.records[2].problem);
  EXPECT_EQ(parsed.records[3].problem->reason, "FIELD_TOO_LONG");
  EXPECT_EQ(parsed.records[3].fields[0], "中文");
  EXPECT_EQ(parsed.records[4].problem->reason, "STRAY_QUOTE");
  EXPECT_FALSE(parsed.records[5].problem);
  const auto nul = Parse(std::string_view("a,b\nx\0y,2\n", 10));
  ASSERT_EQ(nul.records.size(), 2u);
  EXPECT_EQ(nul.records[1].problem->reason, "BAD_CHARACTER");
}

TEST(CsvTest, KeepsItsLimitsOnAnyBytes) {
  std::mt19937 random(42);
  const std::vector<std::string> pieces = {"\"",
                                           ",",
                                           "\n",
                                           "\r",
                                           "\r\n",
                                           "a",
                                           "华",
                                           "é",
                                           "\xC4",
                                           "\xE3",
                                           std::string(1, '\0'),
                                           "\xFF\xFE",
                                           "\xEF\xBB\xBF",
                                           "😀",
                                           "\xD8",
                                           "\xDC"};
  const char* const encodings[] = {"UTF-8", "GBK", "UTF-16", "ISO-8859-1", "Big5", "UTF-16LE", "Shift_JIS"};
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (std::size_t n = random() % 60; n > 0; --n)
      text +=
          random() % 4 == 0 ? std::string(1, static_cast<char>(random())) : pieces[random() % pieces.size()];
    CsvOptions options;
    options.encoding = encodings[random() % 7];
    options.max_columns = 1 + random() % 5;
    options.max_field_bytes = 1 + random() % 10;
    options.max_record_bytes = 5 + random() % 50;
    for (const CsvRecord& record : Parse(text, options, 1 + random() % 9).records) {
      EXPECT_LE(record.fields.size(), options.max_columns);
      for (const std::string& field : record.fields) {
        EXPECT_LE(field.size(), options.max_field_bytes);
        EXPECT_EQ(text::InvalidUtf8(field), std::nullopt);
      }
    }
  }
}

TEST(CsvTest, ReportsATruncatedText) {
  const auto parsed = Parse("a,b\n1,\"cut off\nhere");
  ASSERT_EQ(parsed.records.size(), 2u);
  EXPECT_EQ(parsed.records[1].problem->reason, "UNTERMINATED_QUOTE");
  EXPECT_EQ(parsed.records[1].line, 2);
  EXPECT_TRUE(Parse("").records.empty());
  EXPECT_TRUE(Parse("\xEF\xBB\xBF").records.empty());
  EXPECT_TRUE(Parse("\n\r\n\n").records.empty());
}

TEST(CsvTest, AnOpenQuoteDoesNotSwallowTheFile) {
  CsvOptions options;
  options.max_record_bytes = 1000;
  std::string text = "a,b\n1,\"open\n";
  for (int i = 0; i < 1000; ++i) text += "row,value\n";
  const auto parsed = Parse(text, options, 100);
  EXPECT_EQ(parsed.records[1].problem->reason, "RECORD_TOO_LONG");
  EXPECT_GT(parsed.records.size(), 850u);
  EXPECT_FALSE(parsed.records.back().problem);
}

}  // namespace
}  // namespace crm
