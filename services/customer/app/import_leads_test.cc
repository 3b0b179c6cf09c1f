#include "services/customer/app/import_leads.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "services/customer/app/lead_fixture.h"

namespace crm::customer {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using testing::HasViolation;
using ::testing::IsEmpty;
using testing::IsOk;

class ImportLeadsTest : public LeadFixture {
 protected:
  // Sends `file` in pieces of `piece` bytes.
  absl::StatusOr<LeadImport> Send(const std::string& file, const std::string& request_id = "r-1",
                                  LeadUploadOptions options = {}, std::size_t piece = 7) {
    LeadImporter importer(pool_, work_, {caller_, absl::InfiniteFuture(), ""});
    if (absl::Status status = importer.Begin(request_id, "leads.csv", headquarters_, std::move(options));
        !status.ok())
      return status;
    for (std::size_t at = 0; at < file.size() && !importer.over(); at += piece)
      if (absl::Status status = importer.Feed(file.substr(at, piece)); !status.ok()) return status;
    if (!importer.over())
      if (absl::Status status = importer.Finish(); !status.ok()) return status;
    return importer.Current();
  }
  // Sends the first `bytes` of `file` and then no more.
  void BreakOff(const std::string& file, std::size_t bytes, LeadUploadOptions options) {
    LeadImporter importer(pool_, work_, {caller_, absl::InfiniteFuture(), ""});
    ASSERT_THAT(importer.Begin("r-1", "leads.csv", headquarters_, std::move(options)), IsOk());
    ASSERT_THAT(importer.Feed(file.substr(0, bytes)), IsOk());
    importer.BreakOff();
  }
  static LeadUploadOptions SmallBatches() {
    LeadUploadOptions options;
    options.batch_rows = 10;
    return options;
  }
  static std::string ManyRows(int n) {
    std::string file = "external_id,company,note\n";
    for (int i = 0; i < n; ++i)
      file += "x-" + std::to_string(i) + ",公司 " + std::to_string(i) + ",\"two\nlines\"\n";
    return file;
  }
  static std::string Counts(const LeadImport& import) {
    return std::to_string(import.rows_read) + " read, " + std::to_string(import.rows_imported) +
           " imported, " + std::to_string(import.rows_duplicate) + " duplicate, " +
           std::to_string(import.rows_rejected) + " rejected";
  }
  std::vector<std::string> Rejects() {
    return Sql(
        "SELECT line || ' ' || violations[1] || ' ' || violations[2] FROM lead_import_reject ORDER BY line");
  }
};

struct Row {
  const char* name;
  std::string file;
  std::string counts;                // of an import that succeeds
  std::vector<std::string> rejects;  // line, field, reason
};

// A file with bad rows imports the good ones once and reports each bad one.
TEST_F(ImportLeadsTest, FilesAsPeopleHaveThem) {
  std::string wide = "Acme";
  for (int i = 0; i < 199; ++i) wide += ",x";
  const Row rows[] = {
      {"plain",
       "company,phone\nAcme,138 0013 8000\nBeta,\n",
       "2 read, 2 imported, 0 duplicate, 0 rejected",
       {}},
      {"byte-order mark and CRLF",
       "\xef\xbb\xbf"
       "公司,联系人\r\n甲,李雷\r\n",
       "1 read, 1 imported, 0 duplicate, 0 rejected",
       {}},
      {"semicolons", "company;region\nAcme;华东\n", "1 read, 1 imported, 0 duplicate, 0 rejected", {}},
      {"quoted line breaks",
       "company,note\nAcme,\"a\nb \"\"c\"\"\"\nBeta,\n",
       "2 read, 2 imported, 0 duplicate, 0 rejected",
       {}},
      {"only a header", "company\n", "0 read, 0 imported, 0 duplicate, 0 rejected", {}},
      {"no line end at the end", "company\nAcme", "1 read, 1 imported, 0 duplicate, 0 rejected", {}},
      {"duplicate rows",
       "company\nAcme\nacme Ltd\nAcme\n",
       "3 read, 1 imported, 2 duplicate, 0 rejected",
       {}},
      {"bad rows among good ones",
       "company,email\nAcme,a@b.cn\nBeta,nobody\n,\nGamma,c@d.cn\nshort\n",
       "5 read, 2 imported, 0 duplicate, 3 rejected",
       {"3 email MALFORMED", "4 company REQUIRED", "6 row COLUMN_COUNT"}},
      {"a row of 200 columns",
       "company\n" + wide + "\nBeta\n",
       "2 read, 1 imported, 0 duplicate, 1 rejected",
       {"2 row TOO_MANY_COLUMNS"}},
      {"cut off inside a quote",
       "company,note\nAcme,ok\nBeta,\"cut",
       "2 read, 1 imported, 0 duplicate, 1 rejected",
       {"3 row UNTERMINATED_QUOTE"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Sql("DELETE FROM lead");
    Sql("DELETE FROM lead_import_reject");
    const auto import = Send(row.file, row.name);
    ASSERT_THAT(import, IsOk());
    EXPECT_EQ(Counts(*import), row.counts);
    EXPECT_EQ(import->state, ImportState::kSucceeded);
    EXPECT_EQ(Rejects(), row.rejects);
    EXPECT_EQ(One("SELECT count(*) FROM lead"), std::to_string(import->rows_imported));
  }
}

struct Refusal {
  const char* name;
  std::string file, encoding;
  std::map<std::string, std::string> mapping;
  const char *field, *reason;
};

TEST_F(ImportLeadsTest, FilesThatCannotBeReadAsAWholeAreRefusedAndChangeNothing) {
  const std::string gbk = "company\n\xb9\xab\xcb\xbe\n", latin = "company\nCaf\xe9 GmbH\n";
  const Refusal refusals[] = {
      {"empty", "", "", {}, "file", "EMPTY"},
      {"no column says who", "colour,price\nred,1\n", "", {}, "header", "MISSING_COLUMN"},
      {"mapped to a column that is not there",
       "company\nAcme\n",
       "",
       {{"source", "origin"}},
       "mapping.source",
       "UNKNOWN_COLUMN"},
      {"a mapping of no field",
       "company\nAcme\n",
       "",
       {{"colour", "company"}},
       "mapping.colour",
       "UNKNOWN_FIELD"},
      {"GBK that is not stated", gbk, "", {}, "file", "WRONG_ENCODING"},
      {"Latin-1 that is not stated", latin, "", {}, "file", "WRONG_ENCODING"},
      {"an encoding nobody knows", "company\nAcme\n", "KLINGON-8", {}, "file", "UNKNOWN_ENCODING"},
  };
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.name);
    LeadUploadOptions options;
    options.file.mapping = refusal.mapping;
    if (!refusal.encoding.empty()) options.csv.encoding = refusal.encoding;
    EXPECT_THAT(Send(refusal.file, refusal.name, std::move(options)).status(),
                HasViolation(refusal.field, refusal.reason));
    EXPECT_EQ(One("SELECT count(*) FROM lead"), "0");
    EXPECT_EQ(
        One("SELECT state || '/' || (failure <> '') FROM lead_import ORDER BY create_time DESC LIMIT 1"),
        "FAILED/true");
  }
  LeadUploadOptions stated;
  stated.csv.encoding = "GBK";
  EXPECT_THAT(Send(gbk, "GBK that is not stated", std::move(stated)), IsOk()) << "said right, it goes on";
  EXPECT_EQ(One("SELECT company FROM lead"), "公司");
}

TEST_F(ImportLeadsTest, AnInterruptedImportGoesOnBehindItsLastCommittedLine) {
  const std::string file = ManyRows(95);
  BreakOff(file, file.size() / 2, SmallBatches());
  EXPECT_EQ(One("SELECT state FROM lead_import"), "INTERRUPTED");
  const int kept = std::stoi(One("SELECT count(*) FROM lead"));
  EXPECT_GT(kept, 20);
  EXPECT_LT(kept, 60);
  const auto import = Send(file, "r-1", SmallBatches());
  ASSERT_THAT(import, IsOk());
  EXPECT_EQ(Counts(*import), "95 read, 95 imported, 0 duplicate, 0 rejected");
  EXPECT_EQ(One("SELECT count(*) FROM lead"), "95");
  EXPECT_EQ(One("SELECT count(*) FROM outbox WHERE type = 'LeadCaptured'"), "95");

  const auto again = Send(file, "r-1", SmallBatches());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->version, import->version) << "a finished one is answered as it is";
}

TEST_F(ImportLeadsTest, AnotherFileIsNotTakenForTheRest) {
  const std::string file = ManyRows(50);
  BreakOff(file, file.size() / 2, SmallBatches());
  const std::string before = One("SELECT count(*) FROM lead");
  std::string other = file;
  other.replace(other.find("公司 3"), 7, "別的 3");
  EXPECT_THAT(Send(other, "r-1", SmallBatches()).status(), HasReason("IMPORT_CONTENT_DIFFERS"));
  EXPECT_THAT(Send(ManyRows(2), "r-1", SmallBatches()).status(), HasReason("IMPORT_CONTENT_DIFFERS"));
  EXPECT_EQ(One("SELECT count(*) FROM lead"), before);
  EXPECT_THAT(Send(file, "r-1", SmallBatches()), IsOk()) << "the right one still goes on";
  EXPECT_EQ(One("SELECT count(*) FROM lead"), "50");
}

TEST_F(ImportLeadsTest, TheSameFileUnderAnotherRequestMakesNoDoubles) {
  ASSERT_THAT(Send(ManyRows(30), "r-1"), IsOk());
  const auto again = Send(ManyRows(30), "r-2");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(Counts(*again), "30 read, 0 imported, 30 duplicate, 0 rejected");
  EXPECT_EQ(One("SELECT count(*) FROM lead"), "30");
}

TEST_F(ImportLeadsTest, HistoryStartsNothing) {
  LeadUploadOptions options;
  options.history = true;
  options.file.date_order = "DD-MM-YYYY";
  ASSERT_THAT(Send("company,occurred_time\nAcme,01-02-2018\n", "r-1", std::move(options)), IsOk());
  EXPECT_EQ(One("SELECT extract(year FROM occurred_time)::int || '/' || history FROM lead"), "2018/true");
  EXPECT_EQ(One("SELECT count(*) FROM job WHERE kind = 'assign_lead'"), "0");
}

TEST_F(ImportLeadsTest, RejectsArePagedByLine) {
  std::string file = "company,email\n";
  for (int i = 0; i < 30; ++i) file += "A,bad\n";
  const auto import = Send(file);
  ASSERT_THAT(import, IsOk());
  const auto page = RejectedRows(pool_, Ask(ListRejectedRows{import->id, 21, 5}));
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->size(), 5u);
  EXPECT_EQ((*page)[0].line, 22);
  EXPECT_EQ((*page)[0].content, "A,bad");
  EXPECT_EQ((*page)[0].violations[0].reason, "MALFORMED");
  EXPECT_THAT(RejectedRows(pool_, Ask(ListRejectedRows{Uuid::New(), 0, 5})).status(),
              HasReason("IMPORT_NOT_FOUND"));
}

std::int64_t ResidentKilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6));
  return 0;
}

TEST_F(ImportLeadsTest, MemoryStaysFlatHoweverLongTheFile) {
  LeadImporter importer(pool_, work_, {caller_, absl::InfiniteFuture(), ""});
  ASSERT_THAT(importer.Begin("r-1", "big.csv", headquarters_, {}), IsOk());
  ASSERT_THAT(importer.Feed("external_id,email,note\n"), IsOk());
  std::int64_t after_warm_up = 0;
  const std::string note(500, 'n');
  for (int piece = 0; piece < 60; ++piece) {
    std::string rows;  // rejected, so that the time goes into reading
    for (int i = 0; i < 1000; ++i) rows += std::to_string(piece * 1000 + i) + ",bad," + note + "\n";
    ASSERT_THAT(importer.Feed(rows), IsOk());
    if (piece == 9) after_warm_up = ResidentKilobytes();
  }
  ASSERT_THAT(importer.Finish(), IsOk());
  EXPECT_LT(ResidentKilobytes() - after_warm_up, 16 * 1024) << "25 MB have passed through since";
  EXPECT_EQ(importer.Current()->rows_rejected, 60'000);
}

// 8,000 real leads: each assigned exactly once or visibly waiting, none lost.
TEST_F(ImportLeadsTest, TheRealFunnelArrivesWhole) {
  const char* configured = std::getenv("GUANXI_DATA_DIR");
  const std::filesystem::path folder = configured != nullptr ? configured : "../shared/data";
  std::filesystem::path path = folder / "lead-funnel" / "marketing_qualified_leads.csv";
  for (std::filesystem::path up = std::filesystem::current_path();
       configured == nullptr && !exists(path) && up != up.parent_path(); up = up.parent_path())
    path = up / "shared" / "data" / "lead-funnel" / "marketing_qualified_leads.csv";
  if (!exists(path))
    GTEST_SKIP() << "the data set lead-funnel is not here; set GUANXI_DATA_DIR to its parent folder";
  std::ostringstream file;
  file << std::ifstream(path).rdbuf();

  for (int i = 0; i < 20; ++i) Hire("rep" + std::to_string(i), 300);
  Rule();
  LeadUploadOptions options;
  options.file.mapping = {
      {"external_id", "mql_id"}, {"source", "origin"}, {"occurred_time", "first_contact_date"}};
  options.file.date_order = "DD-MM-YYYY";
  const auto import = Send(file.str(), "funnel", std::move(options), 1 << 16);
  ASSERT_THAT(import, IsOk());
  EXPECT_EQ(Counts(*import), "8000 read, 8000 imported, 0 duplicate, 0 rejected");
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE source = 'organic_search'"), "2296");
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE source = ''"), "60");
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE occurred_time < '2019-01-01'"), "8000");

  while (One("SELECT count(*) FROM job WHERE kind = 'assign_lead' AND state = 'PENDING'") != "0") {
    std::vector<work::Request<AssignLead>> requests;
    for (const std::string& id :
         Sql("UPDATE job SET state = 'DONE' WHERE id IN (SELECT id FROM job WHERE kind = "
             "'assign_lead' AND state = 'PENDING' LIMIT 256) RETURNING subject_id"))
      requests.push_back(Ask(AssignLead{*Uuid::Parse(id)}));
    for (const auto& outcome : AssignLeads(work_, requests)) ASSERT_THAT(outcome, IsOk());
  }
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE state = 'ASSIGNED'"), "6000");
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE waiting_since IS NOT NULL"), "2000");
  EXPECT_THAT(BrokenInvariants(), IsEmpty());
}

}  // namespace
}  // namespace crm::customer
