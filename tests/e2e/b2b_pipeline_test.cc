// A seller's real history through the public API: accounts, products, teams, and 8,800 opportunities with
// their real dates. The funnel has to show what the file holds, and every dirty value has to be repaired by a
// named rule or reported. Skipped where the public data sets are not at hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "common/base/csv.h"
#include "crm/analytics/v1/analytics_service.grpc.pb.h"
#include "crm/customer/v1/customer_service.grpc.pb.h"
#include "crm/directory/v1/directory_service.grpc.pb.h"
#include "crm/opportunity/v1/import_service.grpc.pb.h"
#include "crm/opportunity/v1/product_service.grpc.pb.h"
#include "crm/opportunity/v1/sales_process_service.grpc.pb.h"
#include "tests/support/person.h"

namespace crm {
namespace {

using absl::StrCat;
using ::testing::UnorderedElementsAre;
using namespace analytics::v1;    // NOLINT: the story reads better without the packages
using namespace customer::v1;     // NOLINT
using namespace directory::v1;    // NOLINT
using namespace opportunity::v1;  // NOLINT

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

std::vector<std::vector<std::string>> Rows(const std::filesystem::path& path) {
  CsvParser parser;
  parser.Feed(Contents(path));
  parser.Finish();
  std::vector<std::vector<std::string>> rows;
  for (CsvRecord record; parser.Next(record);) rows.push_back(record.fields);
  rows.erase(rows.begin());
  return rows;
}

class B2bPipeline : public ::testing::Test {
 protected:
  void Teams(const std::filesystem::path& file);
  void Accounts(const std::filesystem::path& file);
  void Products(const std::filesystem::path& file);
  // Rule or reason → how many findings.
  std::map<std::string, int> Findings(const std::string& import_id);

  testing::Suite suite_;
  testing::Person office_{suite_, Uuid::New()};
};

void B2bPipeline::Teams(const std::filesystem::path& file) {
  const std::string top = office_
                              .Asks(&DirectoryService::Stub::CreateOrgUnit,
                                    R"(org_unit { name: "Sales" kind: ORG_UNIT_KIND_HEADQUARTERS })")
                              .org_unit()
                              .id();
  std::map<std::string, std::string> regions, managers;
  const auto hire = [&](const std::string& name, const std::string& unit, const std::string& manager) {
    return office_
        .Asks(&DirectoryService::Stub::CreateEmployee,

              R"(employee { name: "$0" login: "$1" org_unit_id: "$2" manager_id: "$3" capacity: 100 })", name,
              absl::StrReplaceAll(absl::AsciiStrToLower(name), {{" ", "."}}), unit, manager)
        .employee()
        .id();
  };
  for (const auto& row : Rows(file)) {
    std::string& region = regions[row[2]];
    if (region.empty())
      region = office_
                   .Asks(&DirectoryService::Stub::CreateOrgUnit,
                         R"(org_unit { name: "$0" parent_id: "$1" kind: ORG_UNIT_KIND_BRANCH })", row[2], top)
                   .org_unit()
                   .id();
    std::string& manager = managers[row[1]];
    if (manager.empty()) manager = hire(row[1], region, "");
    hire(row[0], region, manager);
  }
  EXPECT_EQ(regions.size(), 3u);
}

void B2bPipeline::Accounts(const std::filesystem::path& file) {
  for (const auto& row : Rows(file))
    office_.Asks(&CustomerService::Stub::CreateCustomer,
                 R"(customer { name: "$0" industry: "$1" region: "$2" external_id: "$0" })", row[0], row[1],
                 row[5]);
}

void B2bPipeline::Products(const std::filesystem::path& file) {
  for (const auto& row : Rows(file))
    office_.Asks(
        &ProductService::Stub::CreateProduct,

        R"(product { sku: "$0" name: "$0" line: "$1" list_price { currency_code: "USD" minor_units: $2 } })",
        row[0], row[1], std::stoll(row[2]) * 100);
}

std::map<std::string, int> B2bPipeline::Findings(const std::string& import_id) {
  std::map<std::string, int> counts;
  std::string token;
  do {
    const auto page = office_.Asks(&OpportunityImportService::Stub::ListImportFindings,
                                   R"(import_id: "$0" page_size: 200 page_token: "$1")", import_id, token);
    for (const ImportFinding& finding : page.findings()) ++counts[finding.reason()];
    token = page.next_page_token();
  } while (!token.empty());
  return counts;
}

TEST_F(B2bPipeline, ArrivesThroughThePublicApi) {
  const auto data = DataFolder();
  if (!data) GTEST_SKIP() << "the public data sets are not at hand; set GUANXI_DATA_DIR";
  const auto folder = *data / "b2b-pipeline";
  Teams(folder / "sales_teams.csv");
  Accounts(folder / "accounts.csv");
  Products(folder / "products.csv");
  office_.Asks(&SalesProcessService::Stub::CreateSalesProcess, R"(sales_process { key: "b2b" name: "B2B"
    stages { key: "prospecting" display_name: "Prospecting" } stages { key: "engaging" display_name: "Engaging" } })");

  const std::string path =
      "/v1/"
      "opportunity-imports?request_id=b2b&name=sales_pipeline.csv&date_order=DD-MM-YYYY&currency_code=USD&"
      "process_key=b2b";
  const auto import =
      office_.Uploads<ImportOpportunitiesResponse>(path, Contents(folder / "sales_pipeline.csv"))
          .opportunity_import();
  EXPECT_EQ(import.state(), OPPORTUNITY_IMPORT_STATE_SUCCEEDED);
  EXPECT_EQ(import.rows_read(), 8800);
  EXPECT_EQ(import.rows_imported(), 8800);
  EXPECT_EQ(import.rows_rejected(), 0);
  using Count = std::pair<const std::string, int>;
  EXPECT_THAT(Findings(import.id()),
              UnorderedElementsAre(Count("PRODUCT_NAME_NORMALISED", 1480), Count("NO_CUSTOMER", 1425),
                                   Count("NO_OPEN_DATE", 500), Count("COLUMN_IGNORED", 2)));

  const auto total = [](const GetFunnelResponse& funnel, const char* status) {
    std::pair<std::int64_t, std::int64_t> sum;
    for (const FunnelRow& row : funnel.rows())
      if (row.status() == status) {
        sum.first += row.opportunities();
        sum.second += row.amount().minor_units();
      }
    return sum;
  };
  const auto funnel =
      office_.Awaits(&AnalyticsService::Stub::GetFunnel, "", [&](const GetFunnelResponse& answer) {
        return total(answer, "WON").first == 4238 && total(answer, "LOST").first == 2473 &&
               total(answer, "OPEN").first == 1589 + 500;
      });
  EXPECT_EQ(total(funnel, "WON").second, 10'005'534LL * 100);

  const auto again =
      office_.Uploads<ImportOpportunitiesResponse>(path, Contents(folder / "sales_pipeline.csv"));
  EXPECT_EQ(again.opportunity_import().id(), import.id()) << "the same upload again is the same import";
  EXPECT_EQ(suite_.Sql("SELECT count(*) FROM guanxi_opportunity.opportunity").at(0), "8800");
}

}  // namespace
}  // namespace crm
