// Files of leads as people have them, through the gateway: what cannot be read as a whole is refused and
// changes nothing; of the others the good rows are imported once, and each bad one is reported by line and
// reason.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "crm/customer/v1/import_service.pb.h"
#include "tests/contract/bad_file.h"

namespace crm::testing {
namespace {

using customer::v1::ImportLeadsResponse;
using customer::v1::ListImportRejectsResponse;

class BadLeadFile : public BadFile {
 protected:
  BadLeadFile()
      : BadFile({"/v1/imports/leads",
                 {{"name", "leads.csv"}, {"org_unit_id", Expand("$unit")}},
                 "guanxi_customer.lead_import",
                 "guanxi_customer.lead"}) {}

  Import ImportIn(const HttpResponse& answer) const override {
    const auto import = Read<ImportLeadsResponse>(answer).import();
    return ToImport(import, import.state() == customer::v1::IMPORT_STATE_SUCCEEDED);
  }
  std::vector<std::string> Rejects(const std::string& import_id) const override {
    std::vector<std::string> rejects;
    const auto page = Get<ListImportRejectsResponse>("/v1/imports/" + import_id + "/rejects");
    for (const auto& row : page.rejects())
      for (const auto& violation : row.violations()) {
        EXPECT_FALSE(violation.description().empty());
        rejects.push_back(absl::StrCat(row.line(), " ", violation.field(), " ", violation.reason()));
      }
    return rejects;
  }
};

TEST_F(BadLeadFile, ThatCannotBeReadIsRefusedByName) {
  const std::string good = "company\nUnreadable\n";
  std::string wide_header = "company";
  for (int i = 1; i < 200; ++i) absl::StrAppend(&wide_header, ",column ", i);
  const Unreadable rows[] = {
      {"empty", "", {}, kInvalid, "file", "EMPTY"},
      {"only a byte-order mark", "\xEF\xBB\xBF", {}, kInvalid, "file", "EMPTY"},
      {"only blank lines", "\r\n\n\r\n", {}, kInvalid, "file", "EMPTY"},
      {"GBK that is not stated", "company\n\xB9\xAB\xCB\xBE\n", {}, kInvalid, "file", "WRONG_ENCODING"},
      {"Latin-1 that is not stated", "company\nCaf\xE9 GmbH\n", {}, kInvalid, "file", "WRONG_ENCODING"},
      {"truncated inside a character", "company\n\xE4\xB8", {}, kInvalid, "file", "WRONG_ENCODING"},
      {"an encoding nobody knows", good, {{"encoding", "KLINGON-8"}}, kInvalid, "file", "UNKNOWN_ENCODING"},
      {"no column says who", "colour,price\nred,1\n", {}, kInvalid, "header", "MISSING_COLUMN"},
      {"a mapped column that is not there",
       good,
       {{"mapping.source", "origin"}},
       kInvalid,
       "header.mapping[\"source\"]",
       "UNKNOWN_COLUMN"},
      {"a mapping of no field",
       good,
       {{"mapping.colour", "company"}},
       kInvalid,
       "header.mapping[\"colour\"]",
       "UNKNOWN_FIELD"},
      {"two columns for one field", "company,公司\nA,B\n", {}, kInvalid, "header", "DUPLICATE_COLUMN"},
      {"a header of 200 columns", wide_header + "\n", {}, kInvalid, "header", "TOO_MANY_COLUMNS"},
      {"a delimiter of two characters",
       good,
       {{"delimiter", ";;"}},
       kInvalid,
       "header.delimiter",
       "MALFORMED"},
      {"an order of dates that is none",
       good,
       {{"date_order", "soon"}},
       kInvalid,
       "header.date_order",
       "UNKNOWN_VALUE"},
      {"a zone that is none",
       good,
       {{"time_zone", "Mars/Olympus"}},
       kInvalid,
       "header.time_zone",
       "UNKNOWN_VALUE"},
      {"an over-long name", good, {{"name", Expand("$long")}}, kInvalid, "header.name", "TOO_LONG"},
      {"no request_id", good, {{"request_id", ""}}, kInvalid, "header.request_id", "REQUIRED"},
      {"a unit that is not there",
       good,
       {{"org_unit_id", Expand("$nobody")}},
       kNotFound,
       "header.org_unit_id",
       "ORG_UNIT_NOT_FOUND"},
      {"an unknown parameter", good, {{"colour", "red"}}, kInvalid, "colour", "UNKNOWN_FIELD"},
  };
  ExpectRefused(rows);
}

TEST_F(BadLeadFile, ImportsItsGoodRowsOnceAndReportsTheBadOnes) {
  const File files[] = {
      {"byte-order mark and CRLF",
       "\xEF\xBB\xBF公司,联系人\r\n甲一,李雷\r\n",
       {},
       "1 read, 1 imported, 0 duplicate, 0 rejected",
       {}},
      {"semicolons", "company;region\nSemi;华东\n", {}, "1 read, 1 imported, 0 duplicate, 0 rejected", {}},
      {"tabs", "company\tregion\nTab\t华东\n", {}, "1 read, 1 imported, 0 duplicate, 0 rejected", {}},
      {"a delimiter that is stated",
       "company^region\nHat^华东\n",
       {{"delimiter", "^"}},
       "1 read, 1 imported, 0 duplicate, 0 rejected",
       {}},
      {"GBK that is stated",
       "\xB9\xAB\xCB\xBE\n\xBB\xAA\xB6\xAB\n",
       {{"encoding", "GBK"}},
       "1 read, 1 imported, 0 duplicate, 0 rejected",
       {}},
      {"Latin-1 that is stated",
       "company\nCaf\xE9 GmbH\n",
       {{"encoding", "ISO-8859-1"}},
       "1 read, 1 imported, 0 duplicate, 0 rejected",
       {}},
      {"only a header", "company\n", {}, "0 read, 0 imported, 0 duplicate, 0 rejected", {}},
      {"no line end at the end", "company\nEndless", {}, "1 read, 1 imported, 0 duplicate, 0 rejected", {}},
      {"quoted newlines",
       "company,email\n\"Two\nlines\",a@two.cn\nBeta,nobody\n",
       {},
       "2 read, 1 imported, 0 duplicate, 1 rejected",
       {"4 email MALFORMED"}},
      {"truncated inside a quote",
       "company,note\nWhole,ok\nBeta,\"cut",
       {},
       "2 read, 1 imported, 0 duplicate, 1 rejected",
       {"3 row UNTERMINATED_QUOTE"}},
      {"text behind a quote",
       "company,note\n\"Stray\"x,ok\nStraight,ok\n",
       {},
       "2 read, 1 imported, 0 duplicate, 1 rejected",
       {"2 row STRAY_QUOTE"}},
      {"a missing column",
       "company,email\nShort\nLong,c@d.cn\n",
       {},
       "2 read, 1 imported, 0 duplicate, 1 rejected",
       {"2 row COLUMN_COUNT"}},
      {"a row of 200 columns",
       "company\n" + Columns(200) + "\nNarrow\n",
       {},
       "2 read, 1 imported, 0 duplicate, 1 rejected",
       {"2 row TOO_MANY_COLUMNS"}},
      {"duplicate rows",
       "company\nTwin\ntwin Ltd\nTwin\n",
       {},
       "3 read, 1 imported, 2 duplicate, 0 rejected",
       {}},
      {"duplicate keys",
       "company,external_id\nKey A,k-1\nKey B,k-1\n",
       {},
       "2 read, 1 imported, 1 duplicate, 0 rejected",
       {}},
      {"bad rows among good ones",
       Expand("company,email,occurred_time,note\nFirst,a@b.cn,2026-01-31,\n,,,who?\n$long,,,\n"
              "Date,,2026-02-31,\nLater,,2999-01-01,\nNul$nul,,,\nLast,c@d.cn,,\n"),
       {},
       "7 read, 2 imported, 0 duplicate, 5 rejected",
       {"3 company REQUIRED", "4 company TOO_LONG", "5 occurred_time MALFORMED", "6 occurred_time IN_FUTURE",
        "7 row BAD_CHARACTER"}},
  };
  ExpectImported(files);
}

TEST_F(BadLeadFile, ThatBrokeOffGoesOnWhereItStoodWhenItIsSentAgain) {
  constexpr int kRows = 2500;
  std::string file = "external_id,company,note\n";
  for (int i = 0; i < kRows; ++i) absl::StrAppend(&file, "cut-", i, ",Cut ", i, ",\"two\nlines\"\n");
  ExpectGoesOn(file);
  EXPECT_EQ(suite().Sql("SELECT count(DISTINCT external_id) FROM guanxi_customer.lead"
                        " WHERE external_id LIKE 'cut-%'"),
            std::vector<std::string>{"2500"});
}

}  // namespace
}  // namespace crm::testing
