#include "services/customer/app/import_leads.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "services/customer/app/lead_fixture.h"

namespace crm::customer {
namespace {

using testing::HasReason;
using testing::HasViolation;
using ::testing::IsEmpty;
using testing::IsOk;

class ImportLeadsTest : public LeadFixture {
 protected:
  struct Upload {
    imports::Options options;
    LeadFile file;
  };
  std::unique_ptr<LeadImporter> Open(Upload upload, const std::string& request_id = "r-1") {
    upload.options.request_id = request_id;
    upload.options.name = "leads.csv";
    upload.file.org_unit_id = headquarters_;
    auto importer =
        std::make_unique<LeadImporter>(work_, work::Caller{caller_, absl::InfiniteFuture(), ""},
                                       std::move(upload.options), LeadRows(std::move(upload.file)));
    EXPECT_THAT(importer->Begin(), IsOk());
    return importer;
  }
  // Sends `file` in pieces of `piece` bytes.
  absl::StatusOr<LeadImport> Send(const std::string& file, const std::string& request_id = "r-1",
                                  Upload upload = {}, std::size_t piece = 7) {
    const auto importer = Open(std::move(upload), request_id);
    for (std::size_t at = 0; at < file.size() && !importer->over(); at += piece)
      if (absl::Status status = importer->Feed(file.substr(at, piece)); !status.ok()) return status;
    if (!importer->over())
      if (absl::Status status = importer->Finish(Whole); !status.ok()) return status;
    return importer->import();
  }
  static bool Whole() { return true; }
  // Sends the first `bytes` of `file` and then no more.
  void BreakOff(const std::string& file, std::size_t bytes, Upload upload) {
    EXPECT_THAT(Open(std::move(upload))->Feed(file.substr(0, bytes)), IsOk());
  }
  static Upload SmallBatches() {
    Upload upload;
    upload.options.batch_rows = 10;
    return upload;
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
    EXPECT_EQ(import->state, imports::State::kSucceeded);
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
       "header.mapping[\"source\"]",
       "UNKNOWN_COLUMN"},
      {"a mapping of no field",
       "company\nAcme\n",
       "",
       {{"colour", "company"}},
       "header.mapping[\"colour\"]",
       "UNKNOWN_FIELD"},
      {"GBK that is not stated", gbk, "", {}, "file", "WRONG_ENCODING"},
      {"Latin-1 that is not stated", latin, "", {}, "file", "WRONG_ENCODING"},
      {"an encoding nobody knows", "company\nAcme\n", "KLINGON-8", {}, "file", "UNKNOWN_ENCODING"},
  };
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.name);
    Upload upload;
    upload.file.format.mapping = refusal.mapping;
    if (!refusal.encoding.empty()) upload.options.csv.encoding = refusal.encoding;
    EXPECT_THAT(Send(refusal.file, refusal.name, std::move(upload)).status(),
                HasViolation(refusal.field, refusal.reason));
    EXPECT_EQ(One("SELECT count(*) FROM lead"), "0");
    EXPECT_EQ(
        One("SELECT state || '/' || (failure <> '') FROM lead_import ORDER BY create_time DESC LIMIT 1"),
        "FAILED/true");
  }
  Upload stated;
  stated.options.csv.encoding = "GBK";
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

TEST_F(ImportLeadsTest, AnUploadThatFollowsAnotherOneIsNotDisturbedByItsEnd) {
  const std::string file = ManyRows(50);
  auto first = Open(SmallBatches());
  ASSERT_THAT(first->Feed(file.substr(0, file.size() / 2)), IsOk());
  const auto second = Open(SmallBatches());
  first.reset();  // its client is found to be gone only now
  ASSERT_THAT(second->Feed(file), IsOk());
  ASSERT_THAT(second->Finish(Whole), IsOk());
  EXPECT_EQ(Counts(second->import()), "50 read, 50 imported, 0 duplicate, 0 rejected");
  EXPECT_EQ(One("SELECT state FROM lead_import"), "SUCCEEDED");
}

TEST_F(ImportLeadsTest, OneOfTwoUploadsAtATimeIsOvertaken) {
  const std::string file = ManyRows(50);
  const auto slow = Open(SmallBatches());
  ASSERT_THAT(Send(file, "r-1", SmallBatches()), IsOk());
  EXPECT_THAT(slow->Feed(file), HasReason("IMPORT_OVERTAKEN"));
  EXPECT_EQ(One("SELECT state || ' ' || rows_read FROM lead_import"), "SUCCEEDED 50");
  EXPECT_EQ(One("SELECT count(*) FROM lead"), "50");
}

TEST_F(ImportLeadsTest, ACallerWhoLeavesAtTheEndHasNotSentAWholeFile) {
  auto importer = Open({});
  ASSERT_THAT(importer->Feed(ManyRows(3)), IsOk());
  EXPECT_EQ(importer->Finish([] { return false; }).code(), absl::StatusCode::kCancelled);
  importer.reset();
  EXPECT_EQ(One("SELECT state || ' ' || rows_read FROM lead_import"), "INTERRUPTED 3");
}

TEST_F(ImportLeadsTest, TheSameFileUnderAnotherRequestMakesNoDoubles) {
  ASSERT_THAT(Send(ManyRows(30), "r-1"), IsOk());
  const auto again = Send(ManyRows(30), "r-2");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(Counts(*again), "30 read, 0 imported, 30 duplicate, 0 rejected");
  EXPECT_EQ(One("SELECT count(*) FROM lead"), "30");
}

TEST_F(ImportLeadsTest, HistoryStartsNothing) {
  Upload upload;
  upload.file.history = true;
  upload.file.format.date_order = "DD-MM-YYYY";
  ASSERT_THAT(Send("company,occurred_time\nAcme,01-02-2018\n", "r-1", std::move(upload)), IsOk());
  EXPECT_EQ(One("SELECT extract(year FROM occurred_time)::int || '/' || history FROM lead"), "2018/true");
  EXPECT_EQ(One("SELECT count(*) FROM job WHERE kind = 'assign_lead'"), "0");
}

TEST_F(ImportLeadsTest, SixtyFourRowsTakeAsManyStatementsAsOne) {
  const auto statements = [&](int rows) {
    const std::string name = Uuid::New().ToString();
    std::string file = "external_id,company,email\nbad,Acme,nobody\n";
    for (int i = 0; i < rows; ++i) file += name + std::to_string(i) + "," + name + ",\n";
    return RoundTripsOf([&] { EXPECT_THAT(Send(file, name), IsOk()); });
  };
  statements(1);  // afterwards the connections have prepared their statements
  EXPECT_EQ(statements(64), statements(1));
}

// Each look-up has to end within the time of a statement, whatever the planner takes the table for.
TEST_F(ImportLeadsTest, ATableThatWasEmptyWhenItWasLastLookedAtSlowsNothingDown) {
  ASSERT_THAT(Send(ManyRows(2000), "before"), IsOk());
  Sql("DELETE FROM lead");
  Sql("ANALYZE lead");
  const auto import = Send(ManyRows(8000), "r-1", {}, 1 << 16);
  ASSERT_THAT(import, IsOk());
  EXPECT_EQ(import->rows_imported, 8000);
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
  const auto importer = Open({});
  ASSERT_THAT(importer->Feed("external_id,email,note\n"), IsOk());
  std::int64_t after_warm_up = 0;
  const std::string note(500, 'n');
  for (int piece = 0; piece < 60; ++piece) {
    std::string rows;  // rejected, so that the time goes into reading
    for (int i = 0; i < 1000; ++i) rows += std::to_string(piece * 1000 + i) + ",bad," + note + "\n";
    ASSERT_THAT(importer->Feed(rows), IsOk());
    if (piece == 9) after_warm_up = ResidentKilobytes();
  }
  ASSERT_THAT(importer->Finish(Whole), IsOk());
  EXPECT_LT(ResidentKilobytes() - after_warm_up, 16 * 1024) << "25 MB have passed through since";
  EXPECT_EQ(importer->import().rows_rejected, 60'000);
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
  Upload upload;
  upload.file.format.mapping = {
      {"external_id", "mql_id"}, {"source", "origin"}, {"occurred_time", "first_contact_date"}};
  upload.file.format.date_order = "DD-MM-YYYY";
  const auto import = Send(file.str(), "funnel", std::move(upload), 1 << 16);
  ASSERT_THAT(import, IsOk());
  EXPECT_EQ(Counts(*import), "8000 read, 8000 imported, 0 duplicate, 0 rejected");
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE source = 'organic_search'"), "2296");
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE source = ''"), "60");
  EXPECT_EQ(One("SELECT count(*) FROM lead WHERE occurred_time < '2019-01-01'"), "8000");

  while (One("SELECT count(*) FROM job WHERE kind = 'assign_lead' AND state = 'PENDING'") != "0") {
    std::vector<work::Request<AssignLead>> requests;
    for (const std::string& id : Sql("DELETE FROM job WHERE id IN (SELECT id FROM job WHERE kind = "
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
