#include "services/opportunity/domain/import_row.h"

#include <gmock/gmock.h>

#include "common/base/text.h"
#include "common/status/errors.h"

namespace crm::opportunity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using enum ImportFormat::DateOrder;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class ImportRowTest : public ::testing::Test {
 protected:
  ImportRowTest() {
    process_.stages = {{.key = "prospecting", .name = "Prospecting"},
                       {.key = "engaging", .name = "Engaging"}};
    references_.process = &process_;
    references_.importer_id = Uuid(9, 9);
    references_.customers["Isdom"] = {Uuid(1, 1), Uuid(), "Isdom"};
    references_.owners["Ann"] = {Uuid(2, 2), Uuid(3, 3), "Ann"};
    Product product;
    product.id = Uuid(4, 4);
    product.name = "GTX Pro";
    references_.products[ProductKey("GTX Pro")] = product;
    references_.leads["mql-1"] = {Uuid(5, 5), "paid_search"};
    row_ = {.line = 2,
            .external_id = "X1",
            .name = "",
            .customer = "Isdom",
            .owner = "Ann",
            .product = "GTX Pro",
            .stage = "Won",
            .amount = "4514",
            .open_date = "25-10-16",
            .close_date = "11-03-17",
            .reason = "",
            .source = "",
            .campaign = "",
            .lead = "",
            .problem = ""};
  }
  Interpretation Read() { return Interpret(row_, format_, references_, kNow); }
  std::vector<std::string> Found() {
    std::vector<std::string> found;
    for (const Finding& f : Read().findings)
      found.push_back((f.kind == Finding::Kind::kRejected   ? "-"
                       : f.kind == Finding::Kind::kRepaired ? "~"
                                                            : "?") +
                      f.field + " " + f.reason);
    return found;
  }

  SalesProcess process_;
  ImportFormat format_{kDayMonthYear, "USD"};
  ImportReferences references_;
  ImportRow row_;
};

TEST_F(ImportRowTest, BringsAWonDealInWithItsRealTimes) {
  const Interpretation read = Read();
  const auto& o = read.opportunity;
  EXPECT_THAT(read.findings, IsEmpty());
  ASSERT_TRUE(o);
  EXPECT_EQ(o->status, Status::kWon);
  EXPECT_EQ(o->stage, "prospecting") << "nobody knows how far it came";
  EXPECT_EQ(o->details.amount, (Money{"USD", 451'400}));
  EXPECT_EQ(o->open_time, absl::FromCivil(absl::CivilDay(2016, 10, 25), absl::UTCTimeZone()));
  EXPECT_EQ(o->close_time, absl::FromCivil(absl::CivilDay(2017, 3, 11), absl::UTCTimeZone()));
  EXPECT_EQ(o->owner_id, Uuid(2, 2));
  EXPECT_EQ(o->details.name, "GTX Pro – Isdom");
}

TEST_F(ImportRowTest, RepairsAProductsNameByANamedRule) {
  row_.product = "GTXPro";
  EXPECT_THAT(Found(), ElementsAre("~product PRODUCT_NAME_NORMALISED"));
  EXPECT_EQ(Read().opportunity->details.product_ids, std::vector{Uuid(4, 4)});
}

TEST_F(ImportRowTest, ReportsWhatIsMissing) {
  row_.customer = row_.owner = row_.open_date = row_.close_date = row_.amount = "";
  row_.stage = "prospecting";
  EXPECT_THAT(Found(), ElementsAre("?customer NO_CUSTOMER", "?owner NO_OWNER", "?open_date NO_OPEN_DATE"));
  EXPECT_EQ(Read().opportunity->open_time, kNow);
  EXPECT_EQ(Read().opportunity->owner_id, Uuid(9, 9));
}

TEST_F(ImportRowTest, ABlankCellIsAnEmptyOne) {
  row_.customer = " \t";
  row_.owner = "\u3000";
  row_.product = " ";
  EXPECT_THAT(Found(), ElementsAre("?customer NO_CUSTOMER", "?owner NO_OWNER", "?product NO_PRODUCT"));
}

TEST_F(ImportRowTest, NamesAreLookedUpTidy) {
  row_.customer = " Isdom ";
  row_.owner = "Ann\u3000";
  EXPECT_THAT(Found(), ElementsAre("~customer WHITE_SPACE_REMOVED", "~owner WHITE_SPACE_REMOVED"));
  EXPECT_EQ(Read().opportunity->customer_id, Uuid(1, 1));
  EXPECT_EQ(Read().opportunity->owner_id, Uuid(2, 2));
}

TEST_F(ImportRowTest, ADealIsItsLeadsAndHasItsSource) {
  EXPECT_EQ(Read().opportunity->lead_id, std::nullopt);
  row_.lead = " mql-1";
  EXPECT_THAT(Found(), ElementsAre("~lead WHITE_SPACE_REMOVED"));
  EXPECT_EQ(Read().opportunity->lead_id, Uuid(5, 5));
  EXPECT_EQ(Read().opportunity->source, "paid_search");
  EXPECT_FALSE(Read().says_source);
  row_.source = "fair";
  EXPECT_EQ(Read().opportunity->source, "fair");
  EXPECT_TRUE(Read().says_source);
}

TEST_F(ImportRowTest, ANameOfSeveralIsNobodys) {
  references_.customers["Isdom"].ambiguous = references_.owners["Ann"].ambiguous = true;
  EXPECT_THAT(Found(), ElementsAre("-customer AMBIGUOUS_CUSTOMER", "-owner AMBIGUOUS_OWNER"));
}

TEST_F(ImportRowTest, AFindingKeepsWholeCharactersOfTheValue) {
  row_.name = "x";
  for (int i = 0; i < 4001; ++i) row_.name += "華";
  const auto findings = Read().findings;
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].reason, "TOO_LONG");
  EXPECT_EQ(text::Length(findings[0].value), 4000u);
  EXPECT_EQ(text::InvalidUtf8(findings[0].value), std::nullopt);
}

TEST_F(ImportRowTest, RejectsARowWithEveryReason) {
  row_.external_id = "";
  row_.customer = "Nobody";
  row_.owner = "No one";
  row_.product = "Nothing";
  row_.stage = "Dreaming";
  row_.lead = "mql-2";
  row_.amount = "12,3x";
  row_.open_date = "31-02-17";
  EXPECT_FALSE(Read().opportunity);
  EXPECT_THAT(
      Found(),
      ElementsAre("-external_id REQUIRED", "-stage UNKNOWN_STAGE", "-customer UNKNOWN_CUSTOMER",
                  "-owner UNKNOWN_OWNER", "-product UNKNOWN_PRODUCT", "~amount AMOUNT_SEPARATORS_REMOVED",
                  "-amount MALFORMED_AMOUNT", "-open_date MALFORMED_DATE", "-lead UNKNOWN_LEAD"));
}

TEST_F(ImportRowTest, ReadsAmounts) {
  const auto read = [&](const char* text) {
    row_.amount = text;
    const auto o = Read().opportunity;
    return o && o->details.amount ? std::to_string(o->details.amount->minor_units) : Found().back();
  };
  EXPECT_EQ(read("1,054.5"), "105450");
  EXPECT_EQ(read("0"), "0");
  EXPECT_EQ(read("1.500"), "150");
  EXPECT_EQ(read("-5"), "-amount NEGATIVE");
  EXPECT_EQ(read("1.005"), "-amount TOO_PRECISE");
  EXPECT_EQ(read("10,000,000,000,000"), "1000000000000000");
  EXPECT_EQ(read("10000000000000.01"), "-amount AMOUNT_OVERFLOW");
  EXPECT_EQ(read("99999999999999999999"), "-amount AMOUNT_OVERFLOW");
  EXPECT_EQ(read(""), "?amount NO_AMOUNT");
}

TEST_F(ImportRowTest, ReadsDatesByTheirOrder) {
  EXPECT_EQ(ParseDate("20-10-16", kDayMonthYear), absl::CivilDay(2016, 10, 20));
  EXPECT_EQ(ParseDate("2017-03-01", kYearMonthDay), absl::CivilDay(2017, 3, 1));
  EXPECT_EQ(ParseDate("3/1/2017", kMonthDayYear), absl::CivilDay(2017, 3, 1));
  EXPECT_EQ(ParseDate("01.03.99", kDayMonthYear), absl::CivilDay(1999, 3, 1));
  for (const char* bad :
       {"", "1", "1-2", "1-2-3-4", "a-b-c", "29-02-17", "01-13-2017", "1-1-17-", "01-03-20177"})
    EXPECT_FALSE(ParseDate(bad, kDayMonthYear)) << bad;
}

TEST_F(ImportRowTest, ReadsTimesOfDay) {
  EXPECT_EQ(ParseDate("26-02-2018 19:58", kDayMonthYear), absl::CivilSecond(2018, 2, 26, 19, 58));
  EXPECT_EQ(ParseDate("2018-02-26 00:00:59", kYearMonthDay), absl::CivilSecond(2018, 2, 26, 0, 0, 59));
  EXPECT_EQ(ParseDate("2/26/18 9:05", kMonthDayYear), absl::CivilSecond(2018, 2, 26, 9, 5));
  for (const char* bad : {"01-03-17 ", "01-03-17 19", "01-03-17 19:5", "01-03-17 24:00", "01-03-17 19:60",
                          "01-03-17 19:58:60", "01-03-17 19:58:", "01-03-17 19:58 PM", "01-03-17 19.58",
                          "01-03-17 :19:58", "01-03-17 -9:05", "19:58", "01-03-17  19:58", "31-02-17 19:58"})
    EXPECT_FALSE(ParseDate(bad, kDayMonthYear)) << bad;
}

TEST_F(ImportRowTest, ATimeOfDayIsThatOfTheFilesTimeZone) {
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &format_.time_zone));
  row_.open_date = "25-10-16 09:30";
  row_.close_date = "11-03-17 19:58:30";
  EXPECT_THAT(Found(), IsEmpty());
  const absl::TimeZone utc = absl::UTCTimeZone();
  EXPECT_EQ(Read().opportunity->open_time, absl::FromCivil(absl::CivilSecond(2016, 10, 25, 1, 30), utc));
  EXPECT_EQ(Read().opportunity->close_time, absl::FromCivil(absl::CivilSecond(2017, 3, 11, 11, 58, 30), utc));
}

TEST_F(ImportRowTest, WhatIsOpenedDuringADayMayBeClosedThatDay) {
  row_.open_date = "25-10-16 09:30";
  row_.close_date = "25-10-16";
  EXPECT_THAT(Found(), IsEmpty());
  EXPECT_EQ(Read().opportunity->close_time, Read().opportunity->open_time);
  row_.close_date = "25-10-16 09:29";
  EXPECT_THAT(Found(), ElementsAre("-close_date CLOSE_BEFORE_OPEN"));
}

TEST_F(ImportRowTest, TimesHaveToMakeSense) {
  row_.close_date = "24-10-16";
  EXPECT_THAT(Found(), ElementsAre("-close_date CLOSE_BEFORE_OPEN"));
  row_.close_date = "01-01-68";
  EXPECT_THAT(Found(), ElementsAre("-close_date FUTURE_DATE"));
  row_.close_date = "";
  EXPECT_THAT(Found(), ElementsAre("-close_date REQUIRED"));
  row_.stage = "Lost";
  row_.close_date = "01-01-68";
  EXPECT_THAT(Found(), ElementsAre("-close_date FUTURE_DATE"));
}

TEST_F(ImportRowTest, WhatIsOpenMayBeExpectedToCloseInTheFuture) {
  row_.stage = "engaging";
  row_.close_date = "01-01-68";
  EXPECT_THAT(Found(), IsEmpty());
  EXPECT_EQ(Read().opportunity->details.expected_close, absl::CivilDay(2068, 1, 1));
  row_.open_date = "01-01-68";
  EXPECT_THAT(Found(), ElementsAre("-open_date FUTURE_DATE"));
}

TEST_F(ImportRowTest, DaysBeginInTheTimeZoneOfTheFile) {
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &format_.time_zone));
  EXPECT_EQ(Read().opportunity->close_time,
            absl::FromCivil(absl::CivilHour(2017, 3, 10, 16), absl::UTCTimeZone()));
  row_.stage = "engaging";
  EXPECT_EQ(Read().opportunity->details.expected_close, absl::CivilDay(2017, 3, 11));
}

TEST_F(ImportRowTest, DatesLieInTheYearsThatCanBeKept) {
  row_.open_date = "01-01-0000";
  EXPECT_THAT(Found(), ElementsAre("-open_date MALFORMED_DATE"));
  row_.open_date = "01-01-0001";
  EXPECT_THAT(Found(), IsEmpty());
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &format_.time_zone));
  EXPECT_THAT(Found(), ElementsAre("-open_date MALFORMED_DATE")) << "in UTC it is still the year 0";
}

TEST(ImportColumnsTest, RecognisesHeadersInEnglishAndChinese) {
  const auto columns = ImportColumns::Recognise({"商机编号", "Deal Stage", "ACCOUNT", "engage_quarter"}, {});
  ASSERT_TRUE(columns.ok()) << columns.status();
  const ImportRow row = columns->Read(5, {"A", "Won", "Isdom", "Q1"});
  EXPECT_EQ(row.external_id, "A");
  EXPECT_EQ(row.stage, "Won");
  EXPECT_EQ(row.customer, "Isdom");
  EXPECT_THAT(columns->ignored(), ElementsAre("engage_quarter"));
}

TEST(ImportColumnsTest, AMappingGoesBeforeRecognition) {
  const auto columns = ImportColumns::Recognise({"id", "stage", "company", "client"},
                                                {{"external_id", "id"}, {"customer", "client"}});
  ASSERT_TRUE(columns.ok()) << columns.status();
  EXPECT_EQ(columns->Read(2, {"A", "Won", "x", "y"}).customer, "y");
  EXPECT_THAT(columns->ignored(), ElementsAre("company"));
}

TEST(ImportColumnsTest, OneColumnMayFillSeveralFields) {
  const auto columns =
      ImportColumns::Recognise({"mql_id", "stage", "lead"}, {{"external_id", "mql_id"}, {"lead", "mql_id"}});
  ASSERT_TRUE(columns.ok()) << columns.status();
  const ImportRow row = columns->Read(2, {"A", "Won", "x"});
  EXPECT_EQ(row.external_id, "A");
  EXPECT_EQ(row.lead, "A");
  EXPECT_THAT(columns->ignored(), ElementsAre("lead"));
}

TEST(ImportColumnsTest, ALeadHasItsHeaders) {
  for (const char* header : {"lead", "MQL ID", "lead_id", "线索"}) {
    const auto columns = ImportColumns::Recognise({"id", "stage", header}, {{"external_id", "id"}});
    ASSERT_TRUE(columns.ok()) << columns.status();
    EXPECT_EQ(columns->Read(2, {"A", "Won", "L"}).lead, "L") << header;
  }
}

TEST(ImportColumnsTest, ListsEveryFault) {
  const auto columns = ImportColumns::Recognise({"stage", "status"}, {{"colour", "x"}});
  std::vector<std::string> reasons;
  for (const auto& v : errors::ViolationsOf(columns.status())) reasons.push_back(v.reason);
  EXPECT_THAT(reasons, ElementsAre("UNKNOWN_FIELD", "UNKNOWN_COLUMN", "DUPLICATE_COLUMN", "MISSING_COLUMN"));
}

}  // namespace
}  // namespace crm::opportunity
