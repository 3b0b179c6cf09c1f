// What `./crm demo --json` ends with, against questions of this test's own to the databases; and that a
// planted loss and a planted double do not stay hidden in it.
#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/substitute.h"
#include "tests/support/suite.h"
#include "tools/demo/counts.h"

namespace crm {
namespace {

using Numbers = std::map<std::string, std::int64_t>;  // {"leads.read", 61}

void Flatten(const google::protobuf::Struct& from, const std::string& prefix, Numbers& into) {
  for (const auto& [name, value] : from.fields()) {
    if (value.has_struct_value())
      Flatten(value.struct_value(), prefix + name + ".", into);
    else
      into[prefix + name] = static_cast<std::int64_t>(value.number_value());
  }
}

std::string TextOf(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Lines behind the header; a line break within quotes ends none.
std::int64_t RowsOf(const std::string& csv) {
  std::int64_t lines = 0;
  bool quoted = false;
  for (const char c : csv) {
    quoted ^= c == '"';
    lines += c == '\n' && !quoted;
  }
  return lines - 1;
}

class DemoTest : public ::testing::Test {
 protected:
  DemoTest() { folder_ = mkdtemp(folder_.data()); }
  ~DemoTest() override { std::filesystem::remove_all(folder_); }

  // As the launcher calls it.
  Numbers RunDemo(int stories = 20) {
    const std::string json_file = folder_ + "/demo.json";
    std::filesystem::remove(json_file);
    testing::Process demo(
        {CRM_DEMO, "--file=" + file_, std::string("--sample-data=") + CRM_SAMPLE_DATA,
         "--json-file=" + json_file, absl::StrCat("--stories=", stories),
         "--database-url=" + suite_.AdminUrl(), "--token-private-key=" + suite_.private_key_file(),
         "--customer-address=" + suite_.address("customer"),
         "--opportunity-address=" + suite_.address("opportunity"),
         "--contract-credit-address=" + suite_.address("contract_credit"),
         "--analytics-address=" + suite_.address("analytics")},
        folder_ + "/demo.log");
    EXPECT_EQ(demo.Wait(), 0) << demo.Log();
    told_ = demo.Log();
    const std::string json = TextOf(json_file);
    EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 1) << "one line";
    google::protobuf::Struct parsed;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &parsed).ok()) << json;
    Numbers numbers;
    Flatten(parsed, "", numbers);
    return numbers;
  }

  std::int64_t Ask(const std::string& sql) const {
    std::int64_t number = -1;
    EXPECT_TRUE(absl::SimpleAtoi(suite_.Sql(sql).at(0), &number)) << sql;
    return number;
  }
  std::int64_t Events(const std::string& service, const std::string& type) const {
    return Ask(absl::Substitute("SELECT count(*) FROM guanxi_$0.outbox WHERE type = '$1'", service, type));
  }
  Numbers AskTheDatabases() const;

  demo::Counts Count() const {
    return demo::Database(suite_.AdminUrl())
        .Count(suite_.Sql("SELECT id FROM guanxi_customer.lead_import").at(0));
  }
  // Behind the back of everything that guards the data.
  void Plant(const std::string& sql) const { suite_.Sql("SET session_replication_role = replica; " + sql); }

  const std::string file_ = CRM_SAMPLE_DATA "/leads.csv";
  std::string folder_ = "/tmp/guanxi-demo-XXXXXX";
  std::string told_;  // by the last run
  testing::Suite suite_;
};

// Wherever it can be, asked of other rows than the demo counts: of events, of what the neighbour knows.
Numbers DemoTest::AskTheDatabases() const {
  const std::int64_t rows = RowsOf(TextOf(file_));
  const std::int64_t leads = Ask("SELECT count(*) FROM guanxi_customer.lead");
  const std::int64_t rejects = Ask("SELECT count(*) FROM guanxi_customer.lead_import_reject");
  const std::int64_t given =
      Ask("SELECT count(DISTINCT lead_id) FROM guanxi_customer.lead_assignment WHERE owner_id IS NOT NULL");
  return {
      {"leads.read", rows},
      {"leads.imported", leads},
      {"leads.rejected", rejects},
      {"leads.duplicates", rows - leads - rejects},
      {"leads.assigned", given},
      {"leads.waiting", leads - given},
      {"opportunities.created", Events("customer", "LeadConverted")},
      {"opportunities.won", Events("opportunity", "OpportunityWon")},
      {"opportunities.lost", Events("opportunity", "OpportunityLost")},
      {"contracts.active", Events("opportunity", "QuoteAccepted")},
      {"instalments.scheduled",
       Ask("SELECT count(*) FROM guanxi_opportunity.quote_instalment"
           " JOIN guanxi_opportunity.quote ON id = quote_id WHERE status = 'ACCEPTED'")},
      {"instalments.paid",
       Ask("SELECT count(*) FROM (SELECT contract_id, instalment_number, sum(amount_minor) AS paid"
           " FROM guanxi_contract_credit.payment_allocation GROUP BY 1, 2) AS part"
           " JOIN guanxi_contract_credit.instalment AS i ON i.contract_id = part.contract_id"
           " AND number = instalment_number AND amount_minor = paid")},
      {"instalments.overdue", Ask("SELECT count(*) FROM guanxi_contract_credit.instalment"
                                  " WHERE paid_minor < amount_minor AND due_date < current_date")},
      {"lost", 0},
      {"doubled", 0},
  };
}

TEST_F(DemoTest, CountsWhatIsThereAndMissesNothingThatIsNot) {
  const Numbers told = RunDemo();
  EXPECT_EQ(told, AskTheDatabases());
  EXPECT_THAT(told_, ::testing::HasSubstr("likely from today's pipeline"));
  EXPECT_THAT(told_, ::testing::Not(::testing::HasSubstr("refused")));
  for (const char* what : {"leads.imported", "leads.rejected", "leads.duplicates", "opportunities.won",
                           "opportunities.lost", "contracts.active", "instalments.paid"})
    EXPECT_GT(told.at(what), 0) << what << ": the sample has some of everything";
  EXPECT_EQ(RunDemo(), told) << "the same file again changes nothing";
  EXPECT_EQ(AskTheDatabases(), told);

  // Lost: leads that nobody has, or has any more, and that do not wait; two events that were never heard; a
  // row of the file.
  Plant(
      "DELETE FROM guanxi_customer.lead_assignment WHERE lead_id ="
      " (SELECT id FROM guanxi_customer.lead WHERE state = 'ASSIGNED' AND waiting_since IS NULL LIMIT 1)");
  EXPECT_EQ(Count().lost, 1);
  Plant(
      "UPDATE guanxi_customer.lead_assignment SET active = false, end_time = now() WHERE lead_id ="
      " (SELECT l.id FROM guanxi_customer.lead AS l JOIN guanxi_customer.lead_assignment AS a ON a.lead_id = "
      "l.id"
      "   WHERE l.state = 'ASSIGNED' AND a.active LIMIT 1)");
  EXPECT_EQ(Count().lost, 2);
  EXPECT_EQ(Count().assigned, told.at("leads.assigned") - 2);
  Plant(
      "DELETE FROM guanxi_contract_credit.contract WHERE quote_id ="
      " (SELECT id FROM guanxi_opportunity.quote WHERE status = 'ACCEPTED' LIMIT 1)");
  EXPECT_EQ(Count().lost, 3);
  Plant(
      "DELETE FROM guanxi_opportunity.opportunity WHERE id ="
      " (SELECT id FROM guanxi_opportunity.opportunity WHERE status = 'OPEN' LIMIT 1)");
  EXPECT_EQ(Count().lost, 4);
  Plant(
      "DELETE FROM guanxi_customer.lead WHERE id ="
      " (SELECT lead_id FROM guanxi_customer.lead_assignment WHERE active LIMIT 1)");
  EXPECT_EQ(Count().lost, 5);
  EXPECT_EQ(Count().doubled, 0);

  // Doubled: a lead's owner, its opportunity, a quote's contract. For the first and the last the guard must
  // go.
  const auto copy = [](const char* table, const char* changes, const char* which) {
    return absl::Substitute(
        "INSERT INTO $0 SELECT (jsonb_populate_record(original, $1)).* FROM $0 AS original WHERE $2 LIMIT 1",
        table, changes, which);
  };
  Plant("DROP INDEX guanxi_customer.lead_assignment_active; " +
        copy("guanxi_customer.lead_assignment", "jsonb_build_object('id', gen_random_uuid())",
             "active AND owner_id IS NOT NULL AND lead_id IN (SELECT id FROM guanxi_customer.lead)"));
  EXPECT_EQ(Count().doubled, 1);
  Plant(copy("guanxi_opportunity.opportunity", "jsonb_build_object('id', gen_random_uuid())",
             "status = 'LOST'"));
  EXPECT_EQ(Count().doubled, 2);
  Plant("DROP INDEX guanxi_contract_credit.contract_quote; " +
        copy("guanxi_contract_credit.contract",
             "jsonb_build_object('id', gen_random_uuid(), 'number', 'C-2')", "status = 'ACTIVE'"));
  EXPECT_EQ(Count().doubled, 3);
  EXPECT_EQ(Count().lost, 5);
}

TEST_F(DemoTest, SaysWhyAReportWasRefusedAndWhatToDo) {
  RunDemo(0);
  EXPECT_THAT(told_, ::testing::ContainsRegex("the resource plan was refused: .*no opportunity was opened.*\n"
                                              ".*\\./crm demo FILE.csv --stories 20"));
}

}  // namespace
}  // namespace crm
