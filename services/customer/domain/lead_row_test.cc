#include "services/customer/domain/lead_row.h"

#include <gmock/gmock.h>

namespace crm::customer {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const absl::Time kNow = absl::FromCivil(absl::CivilDay(2026, 6, 1), absl::UTCTimeZone());

std::vector<std::string> Faults(const absl::Status& status) {
  std::vector<std::string> faults;
  for (const errors::Violation& violation : errors::ViolationsOf(status))
    faults.push_back(violation.field + " " + violation.reason);
  return faults;
}

TEST(LeadColumns, RecognisesEnglishAndChineseHeaders) {
  const auto columns = LeadColumns::Recognise(
      {"公司", "Contact", " 电话 ", "E-Mail", "来源", "External_ID", "Budget", ""}, {});
  ASSERT_TRUE(columns.ok()) << columns.status();
  EXPECT_THAT(columns->mapping(),
              UnorderedElementsAre(Pair("公司", "company"), Pair("Contact", "contact_name"),
                                   Pair("电话", "phone"), Pair("E-Mail", "email"), Pair("来源", "source"),
                                   Pair("External_ID", "external_id")));
  EXPECT_THAT(columns->attribute_columns(), ElementsAre("Budget", "column_8"));
}

TEST(LeadColumns, RecognisesEveryFieldInBothLanguages) {
  struct Names {
    const char *field, *chinese, *english;
  };
  const Names all[] = {
      {"company", "公司", "Company"},
      {"contact_name", "联系人", "Contact"},
      {"phone", "电话", "Phone"},
      {"email", "邮箱", "Email"},
      {"source", "来源", "Source"},
      {"region", "地区", "Region"},
      {"industry", "行业", "Industry"},
      {"size", "规模", "Size"},
      {"campaign", "活动", "Campaign"},
      {"note", "备注", "Note"},
      {"external_id", "外部编号", "external_id"},
      {"occurred_time", "发生时间", "occurred_time"},
  };
  const std::vector<std::string> values = {
      "远山科技", "李雷", "+8613800138000", "sales@example.com", "展会", "华东", "制造", "500人", "春季推广",
      "回电",     "A-1",  "2026-02-01"};
  for (const char* Names::*language : {&Names::field, &Names::chinese, &Names::english}) {
    std::vector<std::string> header;
    std::map<std::string, std::string> fields;
    for (const Names& names : all) {
      header.push_back(names.*language);
      fields[names.*language] = names.field;
    }
    const auto columns = LeadColumns::Recognise(header, {});
    ASSERT_TRUE(columns.ok()) << columns.status();
    EXPECT_EQ(columns->mapping(), fields);
    EXPECT_THAT(columns->attribute_columns(), IsEmpty());
    const auto row = columns->Read(values, kNow);
    ASSERT_TRUE(row.ok()) << row.status();
    const LeadDetails& read = row->details;
    EXPECT_THAT((std::vector<std::string>{read.company, read.contact, read.phone, read.email, read.source,
                                          read.region, read.industry, read.size, read.campaign, read.note,
                                          read.external_id}),
                ElementsAreArray(values.begin(), values.end() - 1));
    EXPECT_EQ(row->occurred, absl::FromCivil(absl::CivilDay(2026, 2, 1), absl::UTCTimeZone()));
  }
}

TEST(LeadColumns, MapsColumnsToFields) {
  LeadFileOptions options;
  options.mapping = {
      {"external_id", "mql_id"}, {"source", "origin"}, {"occurred_time", "first_contact_date"}};
  options.date_order = "DD-MM-YYYY";
  const auto columns =
      LeadColumns::Recognise({"mql_id", "first_contact_date", "landing_page_id", "origin"}, options);
  ASSERT_TRUE(columns.ok()) << columns.status();
  const auto row = columns->Read({"dac32", "01-02-2018", "88740", "social"}, kNow);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->details.external_id, "dac32");
  EXPECT_EQ(row->details.source, "social");
  EXPECT_THAT(row->details.attributes, ElementsAre(Pair("landing_page_id", "88740")));
  EXPECT_EQ(row->occurred, absl::FromCivil(absl::CivilDay(2018, 2, 1), absl::UTCTimeZone()));
}

TEST(LeadColumns, ListsEveryFaultOfAHeader) {
  LeadFileOptions options;
  options.mapping = {{"colour", "a"}, {"source", "nowhere"}};
  const auto columns = LeadColumns::Recognise({"a", "b"}, options);
  EXPECT_THAT(Faults(columns.status()),
              UnorderedElementsAre("header.mapping[\"colour\"] UNKNOWN_FIELD",
                                   "header.mapping[\"source\"] UNKNOWN_COLUMN", "header MISSING_COLUMN"));
  EXPECT_THAT(Faults(LeadColumns::Recognise({"company", "公司"}, {}).status()),
              ElementsAre("header DUPLICATE_COLUMN"));
}

TEST(LeadColumns, ListsEveryFaultOfARow) {
  const auto columns = LeadColumns::Recognise({"company", "email", "occurred_time"}, {});
  ASSERT_TRUE(columns.ok());
  EXPECT_THAT(Faults(columns->Read({std::string(301, 'x'), "no-address", "2026-02-31"}, kNow).status()),
              UnorderedElementsAre("company TOO_LONG", "email MALFORMED", "occurred_time MALFORMED"));
  EXPECT_THAT(Faults(columns->Read({"", "", "2027-01-01"}, kNow).status()),
              UnorderedElementsAre("company REQUIRED", "occurred_time IN_FUTURE"));
  EXPECT_THAT(Faults(columns->Read({"a"}, kNow).status()), ElementsAre("row COLUMN_COUNT"));
  EXPECT_THAT(Faults(columns->Read({"a", "", "", "surplus"}, kNow).status()),
              ElementsAre("row COLUMN_COUNT"));
  EXPECT_TRUE(columns->Read({"a", "", "", "", ""}, kNow).ok()) << "empty columns at the end do no harm";
}

TEST(TidyAndCheck, BringsValuesIntoTheFormThatIsKept) {
  LeadDetails details;
  details.company = "  Acme \t Ltd ";
  details.email = "Sales@EXAMPLE.com";
  details.phone = "138 0013 8000";
  details.attributes = {{" k ", " v "}, {"empty", " "}};
  errors::Violations violations;
  TidyAndCheck(details, "lead.", violations);
  EXPECT_TRUE(violations.empty());
  EXPECT_EQ(details.company, "Acme Ltd");
  EXPECT_EQ(details.email, "sales@example.com");
  EXPECT_EQ(details.phone, "+8613800138000");
  EXPECT_THAT(details.attributes, ElementsAre(Pair("k", "v")));
}

TEST(TidyAndCheck, KeepsAPhoneThatIsNone) {
  LeadDetails details;
  details.phone = "ask at the door";
  errors::Violations violations;
  TidyAndCheck(details, "", violations);
  EXPECT_TRUE(violations.empty());
  EXPECT_EQ(details.phone, "ask at the door");
}

TEST(ParseTime, ReadsTheUsualForms) {
  LeadFileOptions iso, european, american;
  european.date_order = "DD-MM-YYYY";
  american.date_order = "MM-DD-YYYY";
  const auto day = absl::FromCivil(absl::CivilDay(2018, 2, 1), absl::UTCTimeZone());
  EXPECT_EQ(ParseTime("2018-02-01", iso), day);
  EXPECT_EQ(ParseTime("2018/2/1", iso), day);
  EXPECT_EQ(ParseTime("01.02.2018", european), day);
  EXPECT_EQ(ParseTime("01-02-18", european), day);
  EXPECT_EQ(ParseTime("2/1/2018", american), day);
  EXPECT_EQ(ParseTime("01-02-2018 19:58", european), day + absl::Hours(19) + absl::Minutes(58));
  EXPECT_EQ(ParseTime("2018-02-01T08:00:00+08:00", iso), day);
  for (const char* bad :
       {"", "soon", "2018-02-30", "2018-13-01", "20180201", "2018-02", "1-2-3-4", "12345-01-01"})
    EXPECT_FALSE(ParseTime(bad, iso)) << bad;
}

TEST(ParseTime, StaysInTheYearsThatCanBeKept) {
  LeadFileOptions utc, shanghai, new_york;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &shanghai.time_zone));
  ASSERT_TRUE(absl::LoadTimeZone("America/New_York", &new_york.time_zone));
  EXPECT_TRUE(ParseTime("0001-01-01", utc));
  EXPECT_TRUE(ParseTime("9999-12-31", utc));
  EXPECT_FALSE(ParseTime("0000-12-31", utc));
  EXPECT_FALSE(ParseTime("0001-01-01", shanghai)) << "in UTC it is still the year 0";
  EXPECT_FALSE(ParseTime("9999-12-31 20:00", new_york)) << "in UTC it is the year 10000 already";
  EXPECT_FALSE(ParseTime("0001-01-01T00:00:00+08:00", utc));
}

}  // namespace
}  // namespace crm::customer
