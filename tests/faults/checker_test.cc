// The checker itself: it must see what it is there to see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/substitute.h"
#include "tests/faults/faults_fixture.h"

namespace crm::testing {
namespace {

using absl::Substitute;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A second row like the one `where`, but for `changes`: keys and values in SQL.
std::string Copy(const std::string& table, const std::string& changes, const std::string& where) {
  return Substitute(
      "INSERT INTO guanxi_$0 SELECT (jsonb_populate_record(t, jsonb_build_object($1))).* FROM guanxi_$0 t "
      "WHERE $2",
      table, changes, where);
}

class CheckerTest : public FaultsTest {
 protected:
  // Four leads that somebody has and five deals, with nothing broken.
  void SetUp() override {
    SetUpEnterprise(500);
    Client client(*this, Client::Way::kStraight);
    for (int i = 0; i < 4; ++i) leads_.push_back(client.CaptureLead("lead-" + std::to_string(i)));
    client.MakeDeals("deal", 5);
    ASSERT_TRUE(EventuallyDrained());
    ASSERT_THAT(Broken(), IsEmpty());
  }

  // The answer to a question that has one.
  std::string Only(const std::string& sql) { return suite_.Sql(sql).at(0); }

  std::vector<std::string> leads_;
};

TEST_F(CheckerTest, FindsEveryPlantedLossAndEveryPlantedDouble) {
  const std::vector<std::string> opportunities(acknowledged_.opportunities.begin(),
                                               acknowledged_.opportunities.end()),
      quotes(acknowledged_.quotes.begin(), acknowledged_.quotes.end());
  const auto people = suite_.Sql("SELECT id FROM guanxi_customer.employee");
  const auto contract_of = [&](const std::string& quote) {
    return Only("SELECT id FROM guanxi_contract_credit.contract WHERE quote_id = '" + quote + "'");
  };
  const std::string converted =
      Only("SELECT lead_id FROM guanxi_opportunity.opportunity WHERE id = '" + opportunities[1] + "'");
  const std::string customer =
      Only("SELECT customer_id FROM guanxi_opportunity.quote WHERE id = '" + quotes[4] + "'");

  const struct {
    std::string finding, sql;
  } plants[] = {
      {"analytics counts leads otherwise than they are: CONVERTED",
       "UPDATE guanxi_analytics.lead_rollup SET leads = leads + 1 WHERE state = 'CONVERTED'"},
      {"analytics sees other opportunities in the funnel than there are: WON",
       "UPDATE guanxi_analytics.funnel_now SET opportunities = opportunities + 10 WHERE status = 'WON'"},
      {"analytics sees other amount_minor in the funnel than there are: WON",
       "UPDATE guanxi_analytics.funnel_now SET amount_minor = amount_minor + 1 WHERE status = 'WON'"},
      {"analytics sees other receivables than there are: CNY",
       "UPDATE guanxi_analytics.receivable_day SET amount_minor = 0"},

      {"a person's counter of open leads is wrong: " + people[0],
       "UPDATE guanxi_customer.workload SET open_leads = 0 WHERE employee_id = '" + people[0] + "'"},
      {"a person carries more than the capacity: " + people[1],
       "UPDATE guanxi_customer.employee SET capacity = 0 WHERE id = '" + people[1] + "'"},
      {"an acknowledged lead is lost: " + leads_[0],
       "DELETE FROM guanxi_customer.lead WHERE id = '" + leads_[0] + "'"},
      {"a lead was given away twice: " + leads_[1],
       Copy("customer.lead_assignment", "'id', gen_random_uuid(), 'active', false",
            Substitute("lead_id = '$0' AND outcome = 'ASSIGNED'", leads_[1]))},
      {"a lead is neither assigned by the rules for its judgement nor visibly waiting: " + leads_[2],
       "UPDATE guanxi_customer.lead_assignment SET active = false WHERE lead_id = '" + leads_[2] + "'"},

      {"a lead was not announced as assigned as often as it was: " + leads_[2],
       "UPDATE guanxi_customer.outbox SET type = '' WHERE type = 'LeadAssigned' AND aggregate_id = '" +
           leads_[2] + "'"},

      {"a converted lead has not exactly one customer: " + converted,
       "UPDATE guanxi_customer.customer SET lead_id = NULL WHERE lead_id = '" + converted + "'"},
      {"an acknowledged conversion is lost: " + opportunities[0],
       "UPDATE guanxi_customer.lead SET opportunity_id = NULL WHERE opportunity_id = '" + opportunities[0] +
           "'"},
      {"a converted lead has not exactly one opportunity: " + converted,
       Copy("opportunity.opportunity", "'id', gen_random_uuid()", "id = '" + opportunities[1] + "'")},
      {"an acknowledged acceptance is lost: " + quotes[0],
       "UPDATE guanxi_opportunity.quote SET status = 'SUBMITTED' WHERE id = '" + quotes[0] + "'"},
      {"an accepted quote has not exactly one contract: " + quotes[1],
       Substitute("DELETE FROM guanxi_contract_credit.instalment WHERE contract_id = '$0';"
                  "DELETE FROM guanxi_contract_credit.contract WHERE id = '$0'",
                  contract_of(quotes[1]))},
      {"an accepted quote has not exactly one contract: " + quotes[2],
       "DROP INDEX guanxi_contract_credit.contract_quote;" +
           Copy("contract_credit.contract", "'id', gen_random_uuid(), 'number', 'twice'",
                "id = '" + contract_of(quotes[2]) + "'")},
      {"an acknowledged activation is lost: " + contract_of(quotes[0]),
       "UPDATE guanxi_contract_credit.contract SET activate_time = NULL WHERE quote_id = '" + quotes[0] +
           "'"},
      {"an active contract has not moved its customer exactly once: " + contract_of(quotes[3]),
       Copy("customer.customer_lifecycle_move", "'id', gen_random_uuid()",
            "cause_id = '" + contract_of(quotes[3]) + "'")},
      {"a customer's account does not carry what its contracts leave to pay: " + customer,
       "UPDATE guanxi_contract_credit.credit_account SET receivable_minor = 0 WHERE customer_id = '" +
           customer + "'"},

      {"an owner was not notified exactly once: " + leads_[3] + " lead_assigned",
       "DELETE FROM guanxi_opportunity.notification WHERE subject_id = '" + leads_[3] + "'"},
      {"an owner was not notified exactly once: " + contract_of(quotes[4]) + " instalment_due",
       Copy("opportunity.notification", "'id', gen_random_uuid(), 'event_id', gen_random_uuid()",
            Substitute("subject_id = '$0' AND kind = 'instalment_due'", contract_of(quotes[4])))},
      {"a person was notified twice of one event: ",
       Copy("opportunity.notification", "'id', gen_random_uuid()", "subject_id = '" + leads_[1] + "'")},

      {"customer: an aggregate's events have a gap: " + leads_[3],
       "DELETE FROM guanxi_customer.outbox WHERE aggregate_seq = 1 AND aggregate_id = '" + leads_[3] + "'"},
      {"customer: a dead job: ", "UPDATE guanxi_customer.job SET state = 'DEAD'"},
      {"analytics: a dead letter: customer",
       "INSERT INTO guanxi_analytics.dead_letter SELECT 'customer', shard, aggregate_id, aggregate_seq, id,"
       " type, event, '', false, recorded_time FROM guanxi_customer.outbox LIMIT 1"},
      {"the version of a quote is not its highest event: " + quotes[3],
       "DELETE FROM guanxi_opportunity.outbox WHERE type = 'QuoteAccepted' AND aggregate_id = '" + quotes[3] +
           "'"},
  };
  std::vector<std::string> broken;
  for (const auto& [finding, sql] : plants) {
    EXPECT_THAT(broken, Not(Contains(HasSubstr(finding)))) << "found before it was there";
    suite_.Sql(sql);
    broken = Broken();
    EXPECT_THAT(broken, Contains(HasSubstr(finding)));
  }
}

TEST_F(CheckerTest, FindsEventsThatWereNotHeardThatWereNeverSaidAndThatWereHeardOutOfOrder) {
  std::vector<std::string> findings;
  for (const std::string& service : Suite::Services())
    for (const std::string& source : HeardBy(service)) {
      const std::string inbox = "guanxi_" + service + ".inbox";
      const std::string two = Only(Substitute(
          "SELECT aggregate_id FROM $0 WHERE source = '$1' GROUP BY 1 HAVING count(*) > 1", inbox, source));
      // The first is heard as a hundredth, long before the second.
      suite_.Sql(
          Substitute("UPDATE $0 SET aggregate_seq = 100, applied_time = applied_time - interval '1 day'"
                     " WHERE source = '$1' AND aggregate_id = '$2' AND aggregate_seq = 1",
                     inbox, source, two));
      findings.push_back(
          Substitute("$0 has not heard every event of $1 exactly once: $2|1|", service, source, two));
      findings.push_back(
          Substitute("$0 has heard from $1 what was never said: $2|100", service, source, two));
      findings.push_back(Substitute("$0 has heard events of $1 out of order: $2|100", service, source, two));
    }
  const auto broken = Broken();
  for (const std::string& finding : findings) EXPECT_THAT(broken, Contains(HasSubstr(finding)));
  EXPECT_EQ(broken.size(), findings.size());
}

}  // namespace
}  // namespace crm::testing
