#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "services/opportunity/rpc/import_fixture.h"

namespace crm::opportunity {
namespace {

using testing::HasReason;
using testing::HasViolation;
using testing::IsOk;

// The folder of the public data sets, or nothing where they are not at hand.
std::optional<std::filesystem::path> DataFolder() {
  if (const char* folder = std::getenv("GUANXI_DATA_DIR")) return folder;
  for (auto at = std::filesystem::path(__FILE__).parent_path(); at != at.parent_path(); at = at.parent_path())
    if (std::filesystem::exists(at / "shared" / "data")) return at / "shared" / "data";
  return std::nullopt;
}

std::string Contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream contents;
  contents << file.rdbuf();
  return contents.str();
}

TEST_F(ImportTest, BadRowsAreReportedByLineAndTheOthersImportedOnce) {
  const std::string file = std::string("\xEF\xBB\xBF") + kHeader +
                           "A1,Ann,GTXPro,Isdom,Won,25-10-16,11-03-17,\"1,054\"\n"
                           "A2,Ann,GTX Pro,,Engaging,25-10-16,,\n"
                           "A3,Ann,GTX Pro,Nobody,Won,25-10-16,11-03-17,5\n"
                           "A1,Ann,GTX Pro,Isdom,Lost,25-10-16,11-03-17,0\n"
                           "A4,\"quoted\nname\",GTX Pro,Isdom,Prospecting,,,\n"
                           "A5,Ann,GTX Pro,Isd";
  const auto imported = Import("one", file, 7);
  ASSERT_THAT(imported, IsOk());
  EXPECT_EQ(imported->state, imports::State::kSucceeded);
  EXPECT_EQ(imported->rows_read, 6);
  EXPECT_EQ(imported->rows_imported, 3);
  EXPECT_EQ(imported->rows_duplicate, 1);
  EXPECT_EQ(imported->rows_rejected, 2);
  EXPECT_EQ(Findings(*imported),
            "2 REPAIRED product PRODUCT_NAME_NORMALISED, 2 REPAIRED amount AMOUNT_SEPARATORS_REMOVED, "
            "3 REPORTED customer NO_CUSTOMER, 4 REJECTED customer UNKNOWN_CUSTOMER, "
            "6 REPAIRED owner WHITE_SPACE_REMOVED, 6 REPORTED open_date NO_OPEN_DATE, "
            "8 REJECTED row TOO_FEW_COLUMNS");
  const Uuid id = IdOf(One("SELECT id FROM opportunity WHERE external_id = 'A1'"));
  EXPECT_EQ(EventsOf(id), "OpportunityCreated OpportunityWon");
  EXPECT_EQ(One("SELECT string_agg(to_stage || gates_skipped, ' ' ORDER BY sequence) FROM opportunity_move "
                "WHERE opportunity_id = '" +
                id.ToString() + "'"),
            "prospectingtrue WONtrue");
  const auto won = LastEvent("OpportunityWon");
  EXPECT_EQ(won.occurred_time().seconds(),
            absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(2017, 3, 11), absl::UTCTimeZone())));
  EXPECT_TRUE(won.opportunity_won().gates_skipped());
  EXPECT_TRUE(LastEvent("OpportunityCreated").opportunity_created().history());

  EXPECT_EQ(Import("one", file)->rows_read, 6);
  const auto again = Import("two", file);
  EXPECT_EQ(again->rows_duplicate, 3);
  EXPECT_EQ(again->rows_rejected, 3) << "what is won already is not lost";
  EXPECT_EQ(One("SELECT count(*) FROM opportunity"), "3");
}

TEST_F(ImportTest, AnInterruptedUploadGoesOnBehindItsCommittedLine) {
  std::string file = kHeader;
  for (int i = 0; i < 1300; ++i) absl::StrAppend(&file, "R", i, ",Ann,GTX Pro,Isdom,Engaging,25-10-16,,\n");
  whole_ = false;
  EXPECT_EQ(Import("big", std::string_view(file).substr(0, file.find("R700")), 4096).status().code(),
            absl::StatusCode::kCancelled);
  whole_ = true;
  EXPECT_EQ(One("SELECT state || ' ' || committed_line || ' ' || rows_imported FROM opportunity_import"),
            "INTERRUPTED 701 700");
  std::string other = file;
  other.replace(other.find("R3,"), 3, "X3,");
  EXPECT_THAT(Import("big", other), HasReason("IMPORT_CONTENT_DIFFERS"));
  EXPECT_EQ(One("SELECT state || ' ' || rows_imported FROM opportunity_import"), "INTERRUPTED 700");
  const auto imported = Import("big", file);
  ASSERT_THAT(imported, IsOk());
  EXPECT_EQ(imported->rows_read, 1300);
  EXPECT_EQ(imported->rows_imported, 1300);
  EXPECT_EQ(One("SELECT count(*) FROM opportunity"), "1300");
}

TEST_F(ImportTest, SixtyFourRowsTakeAsManyStatementsAsOne) {
  const auto statements = [&](int rows) {
    const std::string name = Uuid::New().ToString();
    std::string file = kHeader;
    for (int i = 0; i < rows; ++i)
      absl::StrAppend(&file, name, i, ",Ann,GTX Pro,Isdom,Won,25-10-16,11-03-17,5\n");
    const std::int64_t before = pool_.round_trips();
    EXPECT_THAT(Import(name, file), IsOk());
    return pool_.round_trips() - before;
  };
  statements(1);  // afterwards the connections have prepared their statements
  EXPECT_EQ(statements(64), statements(1));
}

TEST_F(ImportTest, AFileThatCannotBeReadChangesNothing) {
  EXPECT_THAT(Import("a", ""), HasViolation("file", "EMPTY"));
  EXPECT_THAT(Import("b", "a,b\n1,2\n"), HasViolation("header", "MISSING_COLUMN"));
  EXPECT_THAT(Import("c", std::string("opportunity_id,stage\xC4\xE3\n")),
              HasViolation("file", "WRONG_ENCODING"));
  EXPECT_THAT(Import({.request_id = "d"}, {.process_key = "unheard of"}, kHeader),
              HasReason("SALES_PROCESS_NOT_FOUND"));
  EXPECT_EQ(One("SELECT count(*) FROM opportunity"), "0");
  EXPECT_EQ(One("SELECT string_agg(state, ' ') FROM opportunity_import"), "FAILED FAILED FAILED");
}

TEST_F(ImportTest, OtherDelimitersAndEncodings) {
  // 编号;阶段;客户 / K1;engaging;华东
  EXPECT_THAT(Import({.request_id = "gbk", .name = "", .csv = {.encoding = "GBK"}},
                     {.format = Dutch(), .process_key = "b2b"},
                     "\xB1\xE0\xBA\xC5;\xBD\xD7\xB6\xCE;\xBF\xCD\xBB\xA7\nK1;engaging;\xBB\xAA\xB6\xAB\n"),
              IsOk());
  EXPECT_EQ(One("SELECT customer_name FROM opportunity"), "华东");
}

TEST_F(ImportTest, AWinOfALeadNamesTheLeadInEveryEvent) {
  const auto imported = Import(
      {.request_id = "leads"},
      {.mapping = {{"external_id", "mql_id"}, {"lead", "mql_id"}}, .format = Dutch(), .process_key = "b2b"},
      "mql_id,stage,close_date,source\n"
      "one,Won,26-02-2018 19:58,\n"
      "no lead,Won,26-02-2018 19:58,\n"
      "two,Won,26-02-2018 19:58,email\n");
  ASSERT_THAT(imported, IsOk());
  EXPECT_EQ(imported->rows_imported, 2);
  EXPECT_EQ(imported->rows_rejected, 1);
  EXPECT_EQ(One("SELECT string_agg(concat_ws(' ', line, field, reason, value), ', ') FROM "
                "opportunity_import_finding WHERE kind = 'REJECTED'"),
            "3 lead UNKNOWN_LEAD no lead");
  EXPECT_EQ(One("SELECT string_agg(concat_ws(' ', external_id, source, close_time AT TIME ZONE 'UTC'), ', ' "
                "ORDER BY external_id) FROM opportunity"),
            "one fair 2018-02-26 19:58:00, two email 2018-02-26 19:58:00");
  const std::string lead = Uuid::FromName(Uuid(), "two").ToString();
  EXPECT_EQ(One("SELECT lead_id FROM opportunity WHERE external_id = 'two'"), lead);
  EXPECT_EQ(LastEvent("OpportunityCreated").opportunity_created().opportunity().lead_id(), lead);
  EXPECT_EQ(LastEvent("OpportunityWon").opportunity_won().opportunity().lead_id(), lead);
}

TEST_F(ImportTest, APeerThatIsAwayInterrupts) {
  const std::string file = "opportunity_id,sales_agent,account,deal_stage,lead\nA1,Ann,Isdom,Engaging,one\n";
  int interrupted = 0;
  for (Peers::Lookup* lookup :
       {&peers_.customers_by_name, &peers_.employees_by_name, &peers_.leads_by_external_id}) {
    const Peers::Lookup there = *lookup;
    *lookup = [](const auto&, const auto&) { return errors::Unavailable("PEER_UNAVAILABLE", "away"); };
    EXPECT_THAT(Import(absl::StrCat("x", ++interrupted), file), HasReason("PEER_UNAVAILABLE"));
    *lookup = there;
    EXPECT_EQ(One("SELECT count(*) FROM opportunity_import WHERE state = 'INTERRUPTED' AND rows_read = 0"),
              std::to_string(interrupted));
  }
}

// The real file: every row arrives, every dirty value is repaired by a named rule or reported.
TEST_F(ImportTest, TheB2bPipelineArrivesWhole) {
  const auto folder = DataFolder();
  if (!folder) GTEST_SKIP() << "the public data sets are not at hand; set GUANXI_DATA_DIR";
  const auto imported = Import("b2b", Contents(*folder / "b2b-pipeline" / "sales_pipeline.csv"));
  ASSERT_THAT(imported, IsOk());
  EXPECT_EQ(imported->rows_read, 8800);
  EXPECT_EQ(imported->rows_imported, 8800);
  EXPECT_EQ(One("SELECT count(*) || ' ' || sum(amount_minor) FROM opportunity WHERE status = 'WON'"),
            "4238 1000553400");
  EXPECT_EQ(One("SELECT string_agg(k || ' ' || n, ', ' ORDER BY k) FROM (SELECT status || ' ' || stage AS k, "
                "count(*) AS n "
                "FROM opportunity GROUP BY 1) s"),
            "LOST prospecting 2473, OPEN engaging 1589, OPEN prospecting 500, WON prospecting 4238");
  EXPECT_EQ(One("SELECT string_agg(reason || ' ' || n, ', ' ORDER BY reason) FROM (SELECT reason, count(*) "
                "AS n FROM "
                "opportunity_import_finding GROUP BY 1) s"),
            "COLUMN_IGNORED 2, NO_CUSTOMER 1425, NO_OPEN_DATE 500, PRODUCT_NAME_NORMALISED 1480");
  EXPECT_EQ(One("SELECT count(*) FROM outbox WHERE type LIKE 'Opportunity%'"),
            std::to_string(8800 + 4238 + 2473));
}

}  // namespace
}  // namespace crm::opportunity
