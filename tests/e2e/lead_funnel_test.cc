// A marketing funnel's real history through the public API: 8,000 leads, of which a team can take three
// quarters, and the 842 deals that became of them. Each lead is assigned once or waits visibly, and the win
// rate by origin comes out as the files have it. Skipped where the public data sets are not at hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/testing/concurrent.h"
#include "crm/analytics/v1/analytics_service.grpc.pb.h"
#include "crm/customer/v1/import_service.grpc.pb.h"
#include "crm/customer/v1/lead_service.grpc.pb.h"
#include "crm/directory/v1/directory_service.grpc.pb.h"
#include "crm/opportunity/v1/import_service.grpc.pb.h"
#include "crm/opportunity/v1/sales_process_service.grpc.pb.h"
#include "tests/support/data_sets.h"
#include "tests/support/person.h"

namespace crm {
namespace {

using absl::StrCat;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Record;
using namespace analytics::v1;    // NOLINT: the story reads better without the packages
using namespace customer::v1;     // NOLINT
using namespace directory::v1;    // NOLINT
using namespace opportunity::v1;  // NOLINT

constexpr int kLeads = 8000, kReps = 20, kCapacity = 300, kTaken = kReps * kCapacity;
constexpr int kWaiting = kLeads - kTaken, kDeals = 842;

constexpr char kUnit[] = R"(org_unit { name: "Sellers" kind: ORG_UNIT_KIND_HEADQUARTERS })";

constexpr char kRep[] = R"(employee {
  name: "Rep $0" login: "rep.$0" org_unit_id: "$1" capacity: $2 time_zone: "America/Sao_Paulo" })";

constexpr char kRule[] = R"(assignment_rule {
  name: "in turn" org_unit_id: "$0" team_org_unit_id: "$0" enabled: true phase: ASSIGNMENT_PHASE_UNJUDGED
  strategy: ASSIGNMENT_STRATEGY_ROUND_ROBIN })";

constexpr char kProcess[] = R"(sales_process {
  key: "seller" name: "Seller" stages { key: "talking" display_name: "Talking" } })";

constexpr char kLeadsPath[] =
    "/v1/imports/"
    "leads?request_id=leads&name=marketing_qualified_leads.csv&org_unit_id=$0&date_order=DD-MM-YYYY"
    "&mapping.external_id=mql_id&mapping.source=origin&mapping.occurred_time=first_contact_date";

constexpr char kDealsPath[] =
    "/v1/opportunity-imports?request_id=deals&name=closed_deals.csv&date_order=DD-MM-YYYY&currency_code=BRL"
    "&process_key=seller&mapping.external_id=mql_id&mapping.lead=mql_id&mapping.close_date=won_date";

// "26-02-2018 19:58" → "2018-02-26 19:58".
std::string Iso(const std::string& time) {
  return StrCat(time.substr(6, 4), "-", time.substr(3, 2), "-", time.substr(0, 2), time.substr(10));
}

// The file has no stage: all that is in it was won.
std::string AllWon(std::string deals) {
  const std::string line_end = deals.find("\r\n") == std::string::npos ? "\n" : "\r\n";
  std::string cell = ",stage";
  for (std::size_t end = 0; (end = deals.find(line_end, end)) != std::string::npos;) {
    deals.insert(end, cell);
    end += cell.size() + line_end.size();
    cell = ",Won";
  }
  return deals;
}

class LeadFunnel : public ::testing::Test {
 protected:
  void ATeamHasRoomForMostOfTheLeads();
  void TheLeadsArrive(const std::filesystem::path& file);
  void EachIsAssignedOnceOrWaitsVisibly();
  void TheDealsArrive(const std::filesystem::path& file);
  void TheWinRatesAreThoseOfTheFiles();

  std::string Sql(const std::string& sql) const { return suite_.Sql(sql).at(0); }

  testing::Suite suite_;
  testing::Person office_{suite_, Uuid::New()};
  std::string unit_;
};

TEST_F(LeadFunnel, ArrivesThroughThePublicApi) {
  const auto data = testing::DataSets();
  if (!data) GTEST_SKIP() << "the public data sets are not at hand; set GUANXI_DATA_DIR";
  ATeamHasRoomForMostOfTheLeads();
  TheLeadsArrive(*data / "lead-funnel" / "marketing_qualified_leads.csv");
  EachIsAssignedOnceOrWaitsVisibly();
  TheDealsArrive(*data / "lead-funnel" / "closed_deals.csv");
  TheWinRatesAreThoseOfTheFiles();
}

void LeadFunnel::ATeamHasRoomForMostOfTheLeads() {
  unit_ = office_.Asks(&DirectoryService::Stub::CreateOrgUnit, kUnit).org_unit().id();
  for (int i = 0; i < kReps; ++i)
    office_.Asks(&DirectoryService::Stub::CreateEmployee, kRep, i, unit_, kCapacity);
  office_.Asks(&LeadService::Stub::CreateAssignmentRule, kRule, unit_);
}

void LeadFunnel::TheLeadsArrive(const std::filesystem::path& file) {
  const auto import =
      office_.Uploads<ImportLeadsResponse>(absl::Substitute(kLeadsPath, unit_), testing::Contents(file))
          .import();
  EXPECT_EQ(import.state(), IMPORT_STATE_SUCCEEDED);
  EXPECT_EQ(import.rows_read(), kLeads);
  EXPECT_EQ(import.rows_imported(), kLeads);
  EXPECT_EQ(import.rows_duplicate(), 0);
  EXPECT_EQ(import.rows_rejected(), 0);

  std::vector<std::string> expected;
  for (const Record& row : testing::Records(file))
    expected.push_back(StrCat(row.at("mql_id"), "|", row.at("origin"), "|", row.at("landing_page_id"), "|",
                              Iso(row.at("first_contact_date")), " 00:00:00"));
  EXPECT_THAT(testing::Differences(expected, suite_.Sql(R"(
      SELECT external_id, source, attributes->>'landing_page_id', occurred_time AT TIME ZONE 'UTC'
        FROM guanxi_customer.lead)")),
              IsEmpty());
}

void LeadFunnel::EachIsAssignedOnceOrWaitsVisibly() {
  const std::string settled = StrCat(kTaken, "|", kWaiting, "|", kLeads);
  const auto standing = [this] {
    return Sql(R"(
        SELECT count(*) FILTER (WHERE state = 'ASSIGNED' AND owner_id IS NOT NULL AND waiting_since IS NULL),
               count(*) FILTER (WHERE state = 'NEW' AND owner_id IS NULL AND waiting_since IS NOT NULL
                                  AND waiting_reason <> ''),
               count(*) FROM guanxi_customer.lead)");
  };
  EXPECT_TRUE(testing::Eventually([&] { return standing() == settled; }, std::chrono::seconds(120)))
      << "assigned|waiting|all: " << standing();

  EXPECT_EQ(Sql("SELECT count(*), count(DISTINCT lead_id), count(*) FILTER (WHERE active) "
                "FROM guanxi_customer.lead_assignment WHERE outcome = 'ASSIGNED'"),
            StrCat(kTaken, "|", kTaken, "|", kTaken));
  EXPECT_EQ(Sql("SELECT count(*) FROM guanxi_customer.lead l JOIN guanxi_customer.lead_assignment a "
                "ON a.lead_id = l.id AND a.active AND a.owner_id = l.owner_id"),
            StrCat(kTaken));
  EXPECT_EQ(Sql("SELECT count(*), count(DISTINCT aggregate_id) FROM guanxi_customer.outbox "
                "WHERE type = 'LeadAssigned'"),
            StrCat(kTaken, "|", kTaken));
  EXPECT_EQ(
      Sql("SELECT count(*), min(held), max(held) FROM (SELECT count(*) AS held FROM guanxi_customer.lead "
          "WHERE owner_id IS NOT NULL GROUP BY owner_id) rep"),
      StrCat(kReps, "|", kCapacity, "|", kCapacity));
  EXPECT_EQ(
      Sql("SELECT count(DISTINCT l.id) FROM guanxi_customer.lead l JOIN guanxi_customer.lead_assignment a "
          "ON a.lead_id = l.id AND a.outcome = 'WAITING' AND a.reason = l.waiting_reason"),
      StrCat(kWaiting))
      << "each that waits has a decision that says why";

  std::set<std::string> waiting;
  std::string token;
  do {
    const auto page = office_.Asks(&LeadService::Stub::ListLeads,
                                   R"(waiting: true page_size: 200 page_token: "$0")", token);
    for (const Lead& lead : page.leads()) {
      EXPECT_EQ(lead.waiting_reason(), "ALL_AT_CAPACITY");
      EXPECT_EQ(lead.owner_id(), "");
      waiting.insert(lead.id());
    }
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(waiting.size(), std::size_t{kWaiting});
}

void LeadFunnel::TheDealsArrive(const std::filesystem::path& file) {
  office_.Asks(&SalesProcessService::Stub::CreateSalesProcess, kProcess);
  const auto import =
      office_.Uploads<ImportOpportunitiesResponse>(kDealsPath, AllWon(testing::Contents(file)))
          .opportunity_import();
  EXPECT_EQ(import.state(), OPPORTUNITY_IMPORT_STATE_SUCCEEDED);
  EXPECT_EQ(import.rows_read(), kDeals);
  EXPECT_EQ(import.rows_imported(), kDeals);
  EXPECT_EQ(import.rows_rejected(), 0);
  EXPECT_THAT(suite_.Sql("SELECT reason, count(*) FROM guanxi_opportunity.opportunity_import_finding "
                         "GROUP BY reason ORDER BY reason"),
              ElementsAre("COLUMN_IGNORED|12", "NO_AMOUNT|842", "NO_CUSTOMER|842", "NO_OPEN_DATE|842",
                          "NO_OWNER|842", "NO_PRODUCT|842"));

  std::vector<std::string> expected;
  for (const Record& row : testing::Records(file))
    expected.push_back(StrCat(row.at("mql_id"), "|", Iso(row.at("won_date")), ":00"));
  EXPECT_THAT(testing::Differences(expected, suite_.Sql("SELECT external_id, close_time AT TIME ZONE 'UTC' "
                                                        "FROM guanxi_opportunity.opportunity")),
              IsEmpty());
  EXPECT_EQ(Sql("SELECT count(*) FROM guanxi_opportunity.opportunity o JOIN guanxi_customer.lead l "
                "ON l.id = o.lead_id AND l.external_id = o.external_id AND l.source = o.source"),
            StrCat(kDeals))
      << "each is its lead's, and came from where the lead did";
}

void LeadFunnel::TheWinRatesAreThoseOfTheFiles() {
  office_.Awaits(&AnalyticsService::Stub::GetLeadConversion, "", [](const GetLeadConversionResponse& answer) {
    return answer.total().leads() == kLeads && answer.total().won().hits() == kDeals;
  });
  const auto conversion = office_.Gets<GetLeadConversionResponse>("/v1/analytics/lead-conversion");
  std::vector<std::string> rates;
  for (const LeadSourceConversion& line : conversion.sources()) {
    EXPECT_EQ(line.won().trials(), line.leads());
    rates.push_back(StrCat(line.source(), " ", line.won().hits(), "/", line.leads()));
  }
  EXPECT_THAT(rates,
              ElementsAre("organic_search 271/2296", "paid_search 195/1586", "social 75/1350",
                          "unknown 179/1099", "direct_traffic 56/499", "email 15/493", "referral 24/284",
                          "other 4/150", "display 6/118", "other_publicities 3/65", " 14/60"))
      << "blank is not merged with unknown";
}

}  // namespace
}  // namespace crm
