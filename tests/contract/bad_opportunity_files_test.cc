// Files of history as people have them, through the gateway. What is said of files of leads holds here too.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "crm/opportunity/v1/import_service.pb.h"
#include "tests/contract/bad_file.h"

namespace crm::testing {
namespace {

using opportunity::v1::ImportOpportunitiesResponse;
using opportunity::v1::ListImportFindingsResponse;

constexpr char kPath[] = "/v1/opportunity-imports";

class BadOpportunityFile : public BadFile {
 protected:
  BadOpportunityFile()
      : BadFile({kPath,
                 {{"name", "deals.csv"}, {"currency_code", "CNY"}},
                 "guanxi_opportunity.opportunity_import",
                 "guanxi_opportunity.opportunity"}) {}

  Import ImportIn(const HttpResponse& answer) const override {
    const auto import = Read<ImportOpportunitiesResponse>(answer).opportunity_import();
    return ToImport(import, import.state() == opportunity::v1::OPPORTUNITY_IMPORT_STATE_SUCCEEDED);
  }
  std::vector<std::string> Rejects(const std::string& import_id) const override {
    std::vector<std::string> rejects;
    const auto page = Get<ListImportFindingsResponse>(
        absl::StrCat(kPath, "/", import_id, "/findings?kind=IMPORT_FINDING_KIND_REJECTED"));
    for (const auto& finding : page.findings()) {
      EXPECT_FALSE(finding.description().empty());
      rejects.push_back(absl::StrCat(finding.line(), " ", finding.field(), " ", finding.reason()));
    }
    return rejects;
  }
};

TEST_F(BadOpportunityFile, ThatCannotBeReadIsRefusedByName) {
  const std::string good = "external_id,stage\nunreadable,need\n";
  std::string wide_header = "external_id,stage";
  for (int i = 2; i < 200; ++i) absl::StrAppend(&wide_header, ",column ", i);
  const Unreadable rows[] = {
      {"empty", "", {}, kInvalid, "file", "EMPTY"},
      {"only a byte-order mark", "\xEF\xBB\xBF", {}, kInvalid, "file", "EMPTY"},
      {"GBK that is not stated",
       "external_id,stage,\xBF\xCD\xBB\xA7\n",
       {},
       kInvalid,
       "file",
       "WRONG_ENCODING"},
      {"Latin-1 that is not stated", "external_id,stage,caf\xE9\n", {}, kInvalid, "file", "WRONG_ENCODING"},
      {"an encoding nobody knows", good, {{"encoding", "KLINGON-8"}}, kInvalid, "file", "UNKNOWN_ENCODING"},
      {"a missing column", "external_id,amount\nA,1\n", {}, kInvalid, "header", "MISSING_COLUMN"},
      {"a mapped column that is not there",
       good,
       {{"mapping.customer", "account"}},
       kInvalid,
       "header.mapping[\"customer\"]",
       "UNKNOWN_COLUMN"},
      {"a mapping of no field",
       good,
       {{"mapping.colour", "stage"}},
       kInvalid,
       "header.mapping[\"colour\"]",
       "UNKNOWN_FIELD"},
      {"two columns for one field",
       "external_id,stage,status\nA,need,need\n",
       {},
       kInvalid,
       "header",
       "DUPLICATE_COLUMN"},
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
      {"a currency that is none",
       good,
       {{"currency_code", "RMB"}},
       kInvalid,
       "header.currency_code",
       "UNKNOWN_CURRENCY"},
      {"a process that is not there",
       good,
       {{"process_key", "unheard of"}},
       kNotFound,
       "header.process_key",
       "SALES_PROCESS_NOT_FOUND"},
      {"no request_id", good, {{"request_id", ""}}, kInvalid, "header.request_id", "REQUIRED"},
      {"an over-long request_id",
       good,
       {{"request_id", Expand("$key")}},
       kInvalid,
       "header.request_id",
       "TOO_LONG"},
      {"an unknown parameter", good, {{"colour", "red"}}, kInvalid, "colour", "UNKNOWN_FIELD"},
  };
  ExpectRefused(rows);
}

TEST_F(BadOpportunityFile, ImportsItsGoodRowsOnceAndReportsTheBadOnes) {
  const File files[] = {
      {"byte-order mark and CRLF",
       "\xEF\xBB\xBF编号,阶段\r\nb-1,need\r\n",
       {},
       "1 read, 1 imported, 0 duplicate, 0 rejected",
       {}},
      {"semicolons", "external_id;stage\ns-1;need\n", {}, "1 read, 1 imported, 0 duplicate, 0 rejected", {}},
      {"GBK that is stated",
       "\xB1\xE0\xBA\xC5,\xBD\xD7\xB6\xCE\ng-1,need\n",
       {{"encoding", "GBK"}},
       "1 read, 1 imported, 0 duplicate, 0 rejected",
       {}},
      {"Latin-1 that is stated",
       "external_id,stage,name\nl-1,need,Caf\xE9\n",
       {{"encoding", "ISO-8859-1"}},
       "1 read, 1 imported, 0 duplicate, 0 rejected",
       {}},
      {"only a header", "external_id,stage\n", {}, "0 read, 0 imported, 0 duplicate, 0 rejected", {}},
      {"quoted newlines",
       "external_id,stage,name\nq-1,need,\"Two\nlines\"\nq-2,dreaming,\n",
       {},
       "2 read, 1 imported, 0 duplicate, 1 rejected",
       {"4 stage UNKNOWN_STAGE"}},
      {"truncated inside a quote",
       "external_id,stage,name\nt-1,need,\nt-2,need,\"cut",
       {},
       "2 read, 1 imported, 0 duplicate, 1 rejected",
       {"3 row UNTERMINATED_QUOTE"}},
      {"a missing column",
       "external_id,stage,name\nm-1,need\nm-2,need,Whole\n",
       {},
       "2 read, 1 imported, 0 duplicate, 1 rejected",
       {"2 row TOO_FEW_COLUMNS"}},
      {"a row of 200 columns",
       "external_id,stage\n" + Columns(200) + "\nw-1,need\n",
       {},
       "2 read, 1 imported, 0 duplicate, 1 rejected",
       {"2 row TOO_MANY_COLUMNS"}},
      {"duplicate rows",
       "external_id,stage\nd-1,need\nd-1,need\nd-1,proposal\n",
       {},
       "3 read, 1 imported, 2 duplicate, 0 rejected",
       {}},
      {"bad rows among good ones",
       "external_id,stage,customer,amount,open_date,close_date,lead\n"
       "r-1,won,华为,100.01,2025-01-01,2025-02-01 19:58,\n"
       ",need,,,,,\n"
       "r-3,,,,,,\n"
       "r-4,need,Nobody at all,,,,\n"
       "r-5,need,,-1,,,\n"
       "r-6,need,,99999999999999999999,,,\n"
       "r-7,need,,much,,,\n"
       "r-8,need,,,2025-02-30,,\n"
       "r-9,need,,,2999-01-01,,\n"
       "r-10,won,,1,2025-02-01,2025-01-01,\n"
       "r-11,lost,,1,2025-02-01,,\n"
       "r-12,need,,,2025-01-01,,\n"
       "r-13,need,,,2025-01-01 24:00,,\n"
       "r-14,need,,,,,nobody\n",
       {},
       "14 read, 2 imported, 0 duplicate, 12 rejected",
       {"3 external_id REQUIRED", "4 stage REQUIRED", "5 customer UNKNOWN_CUSTOMER", "6 amount NEGATIVE",
        "7 amount AMOUNT_OVERFLOW", "8 amount MALFORMED_AMOUNT", "9 open_date MALFORMED_DATE",
        "10 open_date FUTURE_DATE", "11 close_date CLOSE_BEFORE_OPEN", "12 close_date REQUIRED",
        "14 open_date MALFORMED_DATE", "15 lead UNKNOWN_LEAD"}},
  };
  ExpectImported(files);
}

TEST_F(BadOpportunityFile, ThatBrokeOffGoesOnWhereItStoodWhenItIsSentAgain) {
  std::string file = "external_id,stage,name\n";
  for (int i = 0; i < 2500; ++i) absl::StrAppend(&file, "cut-", i, ",need,\"two\nlines\"\n");
  ExpectGoesOn(file);
}

}  // namespace
}  // namespace crm::testing
