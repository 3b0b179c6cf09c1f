#include "services/opportunity/rpc/import_fixture.h"

namespace crm::opportunity {
namespace {

using testing::IsOk;

// The same opportunities in one file after another.
class ImportAgainTest : public ImportTest {
 protected:
  OpportunityImport Rows(const std::string& request_id, const std::string& rows) {
    const auto imported = Import(request_id, kHeader + rows);
    EXPECT_THAT(imported, IsOk());
    return imported.value_or(OpportunityImport());
  }
  static std::string Counts(const OpportunityImport& import) {
    return absl::StrCat(import.rows_imported, " imported, ", import.rows_duplicate, " duplicate, ",
                        import.rows_rejected, " rejected");
  }
  Uuid Id(const std::string& external_id) {
    return IdOf(One("SELECT id FROM opportunity WHERE external_id = '" + external_id + "'"));
  }
  std::string State(const std::string& external_id) {
    return One(
        "SELECT concat_ws(' ', status, stage, amount_minor, expected_close, close_time::date) "
        "FROM opportunity WHERE external_id = '" +
        external_id + "'");
  }
  std::string Moves(const std::string& external_id) {
    return One(
        "SELECT string_agg(to_stage, ' ' ORDER BY sequence) FROM opportunity_move "
        "WHERE gates_skipped AND opportunity_id = '" +
        Id(external_id).ToString() + "'");
  }
};

TEST_F(ImportAgainTest, WhatIsStillOpenIsBroughtUpToDate) {
  Rows("one",
       "won,Ann,GTX Pro,Isdom,Engaging,25-10-16,,\n"
       "lost,Ann,GTX Pro,Isdom,Engaging,25-10-16,,7\n"
       "grown,Ann,GTX Pro,,Prospecting,25-10-16,01-05-17,7\n"
       "same,Ann,GTX Pro,Isdom,Engaging,25-10-16,,7\n");
  const auto next = Rows("two",
                         "won,Ann,GTX Pro,Isdom,Won,25-10-16,11-03-17,5\n"
                         "lost,Ann,GTX Pro,Isdom,Lost,25-10-16,12-03-17,\n"
                         "grown,Ann,GTX Pro,Isdom,Engaging,25-10-16,01-06-17,8\n"
                         "same,Ann,GTX Pro,,Engaging,,,\n"
                         "new,Ann,GTX Pro,Isdom,Engaging,25-10-16,,\n"
                         "new,Ann,GTX Pro,Isdom,Prospecting,25-10-16,,\n");
  EXPECT_EQ(Counts(next), "4 imported, 2 duplicate, 0 rejected");
  EXPECT_EQ(Findings(next), "");
  EXPECT_EQ(State("won"), "WON engaging 500 2017-03-11");
  EXPECT_EQ(EventsOf(Id("won")), "OpportunityCreated OpportunityWon");
  EXPECT_EQ(Moves("won"), "engaging WON");
  EXPECT_EQ(State("lost"), "LOST engaging 700 2017-03-12");
  EXPECT_EQ(Moves("lost"), "engaging LOST");
  EXPECT_EQ(State("grown"), "OPEN engaging 800 2017-06-01");
  EXPECT_EQ(EventsOf(Id("grown")),
            "OpportunityCreated OpportunityAmountChanged OpportunityUpdated OpportunityStageMoved");
  EXPECT_EQ(Moves("grown"), "prospecting engaging");
  EXPECT_EQ(One("SELECT customer_name FROM opportunity WHERE external_id = 'grown'"), "Isdom");
  EXPECT_EQ(EventsOf(Id("same")), "OpportunityCreated");
  EXPECT_EQ(One("SELECT count(*) FROM opportunity"), "5");

  const auto won = LastEvent("OpportunityWon");
  EXPECT_EQ(won.occurred_time().seconds(),
            absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(2017, 3, 11), absl::UTCTimeZone())));
  EXPECT_TRUE(won.opportunity_won().gates_skipped());
}

TEST_F(ImportAgainTest, WhatIsClosedOrWasNotImportedStaysAndIsReported) {
  Rows("one",
       "won,Ann,GTX Pro,Isdom,Won,25-10-16,11-03-17,5\n"
       "lost,Ann,GTX Pro,Isdom,Lost,25-10-16,11-03-17,5\n");
  PublishProcess();
  CreateOpportunity live = Deal();
  live.external_id = "live";
  EXPECT_THAT(CreateOpportunities(work_, peers_, {{Ask(live)}})[0], IsOk());
  const auto next = Rows("two",
                         "won,Ann,GTX Pro,Isdom,Won,25-10-16,11-03-17,5\n"
                         "lost,Ann,GTX Pro,Isdom,Won,25-10-16,11-03-17,5\n"
                         "live,Ann,GTX Pro,Isdom,Won,25-10-16,11-03-17,5\n");
  EXPECT_EQ(Counts(next), "0 imported, 1 duplicate, 2 rejected");
  EXPECT_EQ(Findings(next), "3 REJECTED external_id ALREADY_CLOSED, 4 REJECTED external_id NOT_IMPORTED");
  EXPECT_EQ(EventsOf(Id("won")), "OpportunityCreated OpportunityWon");
  EXPECT_EQ(EventsOf(Id("lost")), "OpportunityCreated OpportunityLost");
  EXPECT_EQ(EventsOf(Id("live")), "OpportunityCreated");
}

TEST_F(ImportAgainTest, AnOwnerStaysAndThatIsReported) {
  Rows("one", "A1,Ann,GTX Pro,Isdom,Engaging,25-10-16,,\nA2,Ann,GTX Pro,Isdom,Engaging,25-10-16,,\n");
  const auto next = Rows("two",
                         "A1,Bob,GTXPro,Isdom,Won,25-10-16,11-03-17,5\n"
                         "A2,Ann,GTX Pro,Acme,Engaging,25-10-16,,\n");
  EXPECT_EQ(Counts(next), "1 imported, 1 duplicate, 0 rejected");
  EXPECT_EQ(Findings(next),
            "2 REPAIRED product PRODUCT_NAME_NORMALISED, 2 REPORTED owner OWNER_STAYS, "
            "3 REPORTED customer CUSTOMER_STAYS");
  EXPECT_EQ(One("SELECT value FROM opportunity_import_finding WHERE reason = 'OWNER_STAYS'"), "Bob");
  EXPECT_EQ(next.values_reported, 2);
}

TEST_F(ImportAgainTest, ALeadIsTakenOverOnceAndThenStays) {
  const auto import = [this](const std::string& request_id, const std::string& rows) {
    const auto imported = Import(request_id, "opportunity_id,deal_stage,lead\n" + rows);
    EXPECT_THAT(imported, IsOk());
    return imported.value_or(OpportunityImport());
  };
  const auto lead = [this] { return One("SELECT lead_id || source FROM opportunity"); };
  import("one", "A1,Engaging,\n");
  EXPECT_EQ(Counts(import("two", "A1,Engaging,mql-1\n")), "1 imported, 0 duplicate, 0 rejected");
  const std::string taken = Uuid::FromName(Uuid(), "mql-1").ToString() + "fair";
  EXPECT_EQ(lead(), taken);
  EXPECT_EQ(EventsOf(Id("A1")), "OpportunityCreated OpportunityUpdated");
  const auto next = import("three", "A1,Engaging,mql-2\n");
  EXPECT_EQ(Counts(next), "0 imported, 1 duplicate, 0 rejected");
  EXPECT_EQ(Findings(next), "2 REPORTED lead LEAD_STAYS");
  EXPECT_EQ(One("SELECT value FROM opportunity_import_finding WHERE reason = 'LEAD_STAYS'"), "mql-2");
  EXPECT_EQ(lead(), taken);
}

TEST_F(ImportAgainTest, AnExternalIdIsTheSameWithoutItsWhiteSpace) {
  Rows("one", "A1,Ann,GTX Pro,Isdom,Engaging,25-10-16,,\n");
  EXPECT_EQ(Counts(Rows("two", " A1 ,Ann,GTX Pro,Isdom,Won,25-10-16,11-03-17,5\n")),
            "1 imported, 0 duplicate, 0 rejected");
  EXPECT_EQ(State("A1"), "WON engaging 500 2017-03-11");
}

TEST_F(ImportAgainTest, AnOpportunityStaysOnItsVersionOfTheProcess) {
  Rows("one", "A1,Ann,GTX Pro,Isdom,Engaging,25-10-16,,\nA2,Ann,GTX Pro,Isdom,Engaging,25-10-16,,\n");
  CreateSalesProcess process{.key = "b2b", .name = "B2B", .stages = {{.key = "closing", .name = "Closing"}}};
  Reply<v1::SalesProcess>(CreateSalesProcesses(work_, {{Ask(process)}})[0]);
  const auto next = Rows("two",
                         "A1,Ann,GTX Pro,Isdom,Closing,25-10-16,,\n"
                         "A2,Ann,GTX Pro,Isdom,Won,25-10-16,11-03-17,5\n");
  EXPECT_EQ(Counts(next), "1 imported, 0 duplicate, 1 rejected");
  EXPECT_EQ(Findings(next), "2 REJECTED stage UNKNOWN_STAGE");
  EXPECT_EQ(State("A2"), "WON engaging 500 2017-03-11");
}

TEST_F(ImportAgainTest, SixtyFourKnownRowsTakeAsManyStatementsAsOne) {
  const auto statements = [&](int rows) {
    const std::string name = Uuid::New().ToString();
    std::string first = kHeader, next = kHeader;
    for (int i = 0; i < rows; ++i) {
      absl::StrAppend(&first, name, i, ",Ann,GTX Pro,Isdom,Engaging,25-10-16,,5\n");
      absl::StrAppend(&next, name, i, ",Ann,GTX Pro,Isdom,Won,25-10-16,11-03-17,5\n");
    }
    EXPECT_THAT(Import(name, first), IsOk());
    const std::int64_t before = pool_.round_trips();
    EXPECT_THAT(Import(name + " again", next), IsOk());
    return pool_.round_trips() - before;
  };
  statements(1);  // afterwards the connections have prepared their statements
  EXPECT_EQ(statements(64), statements(1));
}

TEST_F(ImportAgainTest, BadCellsDoNotStopAFile) {
  std::string tall;
  for (int i = 0; i < 4001; ++i) tall += "華";
  const auto imported = Rows("one",
                             "A1,Ann,GTX Pro, ,Engaging,25-10-16,,\n"
                             "A2,Ann,GTX Pro,Isdom,Won,01-01-0000,11-03-17,5\n"
                             "A3,Ann," +
                                 tall +
                                 ",Isdom,Engaging,25-10-16,,\n"
                                 "A4,\t,GTX Pro,Isdom,Engaging,25-10-16,01-01-68,\n");
  EXPECT_EQ(imported.state, imports::State::kSucceeded);
  EXPECT_EQ(Counts(imported), "2 imported, 0 duplicate, 2 rejected");
  EXPECT_EQ(Findings(imported),
            "2 REPORTED customer NO_CUSTOMER, 3 REJECTED open_date MALFORMED_DATE, "
            "4 REJECTED product TOO_LONG, 4 REJECTED product UNKNOWN_PRODUCT, 5 REPORTED owner NO_OWNER");
  EXPECT_EQ(State("A4"), "OPEN engaging 2068-01-01");
}

TEST_F(ImportAgainTest, NamesAreAskedForOncePerFile) {
  int asked = 0;
  for (Peers::Lookup* lookup :
       {&peers_.customers_by_name, &peers_.employees_by_name, &peers_.leads_by_external_id})
    *lookup = [&asked, ask = *lookup](const auto& caller, const auto& names) {
      ++asked;
      return ask(caller, names);
    };
  std::string rows = "opportunity_id,sales_agent,account,deal_stage,lead\n";
  for (int i = 0; i < 1300; ++i) absl::StrAppend(&rows, "R", i, ",Ann,Isdom,Engaging,mql-1\n");
  EXPECT_EQ(Import("big", rows)->rows_imported, 1300);
  EXPECT_EQ(asked, 3) << "customers once, employees once, leads once";
}

}  // namespace
}  // namespace crm::opportunity
