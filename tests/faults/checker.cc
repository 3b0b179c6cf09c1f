#include "tests/faults/checker.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"

namespace crm::testing {
namespace {

using absl::StrCat;
using absl::Substitute;

// Gathers questions and asks them all at once.
class Judgement {
 public:
  // Each row that the query finds breaks the promise.
  void Never(const std::string& broken_promise, const std::string& sql) {
    questions_.push_back(Substitute(
        "(SELECT $$p$$$0: $$p$$ || (SELECT string_agg(value, '|') FROM json_each_text(row_to_json(t)))"
        " FROM ($1 LIMIT 5) t)",
        broken_promise, sql));
  }

  // Two queries of keys and figures agree; a key that only one of them knows has the figure 0 in the other.
  void Agree(const std::string& broken_promise, const std::string& found, const std::string& owed) {
    Never(broken_promise,
          Substitute(
              "SELECT key, found.n AS found, owed.n AS owed FROM ($0) found (key, n)"
              " FULL JOIN ($1) owed (key, n) USING (key) WHERE coalesce(found.n, 0) <> coalesce(owed.n, 0)",
              found, owed));
  }

  // The query finds whatever was acknowledged.
  void Kept(const std::string& what, const std::set<std::string>& acknowledged, const std::string& sql) {
    Never(StrCat("an acknowledged ", what, " is lost"),
          Substitute("SELECT unnest('{$0}'::uuid[]) EXCEPT $1", absl::StrJoin(acknowledged, ","), sql));
  }

  std::vector<std::string> AskedOf(const Suite& suite) const {
    return suite.Sql(absl::StrJoin(questions_, " UNION ALL "));
  }

 private:
  std::vector<std::string> questions_;
};

constexpr char kHoldsCapacity[] = "state IN ('ASSIGNED', 'WORKING', 'NURTURING')";

void JudgeLeads(Judgement& judge) {
  judge.Never("a lead is neither assigned by the rules for its judgement nor visibly waiting", R"(
    SELECT id, state FROM guanxi_customer.lead l
     WHERE state IN ('NEW', 'ASSIGNED', 'WORKING', 'NURTURING') AND waiting_since IS NULL AND NOT EXISTS
           (SELECT FROM guanxi_customer.lead_assignment a WHERE a.lead_id = l.id AND a.active
               AND a.owner_id = l.owner_id AND (a.phase = 'UNJUDGED') = (l.verdict = 'UNJUDGED')))");
  judge.Never("a lead was given away twice", R"(
    SELECT lead_id, phase, count(*) FROM guanxi_customer.lead_assignment WHERE outcome = 'ASSIGNED'
     GROUP BY lead_id, phase HAVING count(*) > 1)");
  judge.Agree("a lead was not announced as assigned as often as it was", R"(
    SELECT aggregate_id, count(*) FROM guanxi_customer.outbox WHERE type = 'LeadAssigned' GROUP BY 1)",
              R"(
    SELECT lead_id, count(*) FROM guanxi_customer.lead_assignment WHERE outcome = 'ASSIGNED' GROUP BY 1)");
  const std::string carried = Substitute(
      "SELECT owner_id, count(*) FROM guanxi_customer.lead WHERE $0 GROUP BY owner_id", kHoldsCapacity);
  judge.Agree("a person's counter of open leads is wrong",
              "SELECT employee_id, open_leads FROM guanxi_customer.workload", carried);
  judge.Never("a person carries more than the capacity",
              Substitute("SELECT e.id, l.n, e.capacity FROM guanxi_customer.employee e JOIN ($0) l (id, n)"
                         " USING (id) WHERE l.n > e.capacity",
                         carried));
}

void JudgeDeals(Judgement& judge) {
  const std::string converted = "SELECT id, 1 FROM guanxi_customer.lead WHERE state = 'CONVERTED'";
  judge.Agree("a converted lead has not exactly one customer",
              "SELECT lead_id, count(*) FROM guanxi_customer.customer GROUP BY 1", converted);
  judge.Agree("a converted lead has not exactly one opportunity",
              "SELECT lead_id, count(*) FROM guanxi_opportunity.opportunity GROUP BY 1", converted);
  judge.Agree("an accepted quote has not exactly one contract",
              "SELECT quote_id, count(*) FROM guanxi_contract_credit.contract GROUP BY 1",
              "SELECT id, 1 FROM guanxi_opportunity.quote WHERE status = 'ACCEPTED'");
  judge.Agree("an active contract has not moved its customer exactly once", R"(
    SELECT cause_id, count(*) FROM guanxi_customer.customer_lifecycle_move WHERE cause = 'ContractActivated'
     GROUP BY 1)",
              "SELECT id, 1 FROM guanxi_contract_credit.contract WHERE activate_time IS NOT NULL");
  judge.Agree("a customer's account does not carry what its contracts leave to pay", R"(
    SELECT customer_id, receivable_minor + uninvoiced_minor FROM guanxi_contract_credit.credit_account)",
              R"(
    SELECT customer_id, sum(total_minor - paid_minor) FROM guanxi_contract_credit.contract
     WHERE activate_time IS NOT NULL GROUP BY 1)");
}

void JudgeNotifications(Judgement& judge) {
  judge.Agree("an owner was not notified exactly once", R"(
    SELECT concat_ws(' ', subject_id, kind, owner_id), count(*) FROM guanxi_opportunity.notification
     WHERE kind IN ('lead_assigned', 'contract_drafted', 'instalment_due') GROUP BY 1)",
              R"(
    SELECT concat_ws(' ', lead_id, 'lead_assigned', owner_id), count(*) FROM guanxi_customer.lead_assignment
     WHERE outcome = 'ASSIGNED' GROUP BY 1
     UNION ALL
    SELECT concat_ws(' ', id, 'contract_drafted', owner_id), 1 FROM guanxi_contract_credit.contract
     UNION ALL
    SELECT concat_ws(' ', c.id, 'instalment_due', c.owner_id), count(*)
      FROM guanxi_contract_credit.contract c JOIN guanxi_contract_credit.instalment i ON i.contract_id = c.id
     WHERE i.due_date <= (c.activate_time AT TIME ZONE c.time_zone)::date GROUP BY 1)");
  judge.Never("a person was notified twice of one event", R"(
    SELECT event_id, owner_id, count(*) FROM guanxi_opportunity.notification
     GROUP BY event_id, owner_id HAVING count(*) > 1)");
}

void JudgeAnalytics(Judgement& judge) {
  judge.Agree("analytics counts leads otherwise than they are",
              "SELECT state, sum(leads) FROM guanxi_analytics.lead_rollup GROUP BY 1",
              "SELECT state, count(*) FROM guanxi_customer.lead GROUP BY 1");
  for (const auto& [figure, sum] :
       {std::pair("opportunities", "count(*)"), std::pair("amount_minor", "sum(amount_minor)")})
    judge.Agree(StrCat("analytics sees other ", figure, " in the funnel than there are"),
                StrCat("SELECT status, sum(", figure,
                       ") FROM guanxi_analytics.funnel_now WHERE dimension = 'TOTAL' GROUP BY 1"),
                StrCat("SELECT status, ", sum, " FROM guanxi_opportunity.opportunity GROUP BY 1"));
  judge.Agree("analytics sees other receivables than there are", R"(
    SELECT currency, sum(amount_minor) FROM guanxi_analytics.receivable_day WHERE dimension = 'TOTAL' GROUP BY 1)",
              R"(
    SELECT currency, sum(total_minor - paid_minor) FROM guanxi_contract_credit.contract
     WHERE activate_time IS NOT NULL GROUP BY 1)");
}

// What `service` keeps and says.
void JudgeService(Judgement& judge, const std::string& service) {
  static const std::map<std::string, std::vector<std::string>> roots = {
      {"customer", {"lead", "customer", "contact", "employee", "org_unit", "assignment_rule"}},
      {"opportunity", {"opportunity", "quote", "product", "notification"}},
      {"contract_credit", {"contract", "credit_account"}},
      {"analytics", {}}};
  const std::string schema = "guanxi_" + service;
  for (const std::string& root : roots.at(service))
    judge.Agree(StrCat("the version of a ", root, " is not its highest event"),
                StrCat("SELECT id, version FROM ", schema, ".", root),
                StrCat("SELECT aggregate_id, max(aggregate_seq) FROM ", schema,
                       ".outbox WHERE aggregate_type = '", root, "' GROUP BY 1"));
  judge.Never(service + ": an aggregate's events have a gap",
              "SELECT aggregate_id, count(*), max(aggregate_seq) FROM " + schema +
                  ".outbox GROUP BY aggregate_id HAVING count(*) <> max(aggregate_seq)");
  judge.Never(service + ": a dead letter", "SELECT source, type, reason FROM " + schema + ".dead_letter");
  judge.Never(service + ": a dead job",
              "SELECT kind, last_error FROM " + schema + ".job WHERE state = 'DEAD'");
}

void JudgeHearing(Judgement& judge, const std::string& service, const std::string& source) {
  judge.Never(StrCat(service, " has not heard every event of ", source, " exactly once"),
              Substitute(R"(
    SELECT o.aggregate_id, o.aggregate_seq, o.type FROM guanxi_$1.outbox o LEFT JOIN guanxi_$0.inbox i
        ON i.source = '$1' AND i.aggregate_id = o.aggregate_id AND i.aggregate_seq = o.aggregate_seq
     WHERE i.event_id IS DISTINCT FROM o.id)",
                         service, source));
  judge.Never(StrCat(service, " has heard from ", source, " what was never said"),
              Substitute(R"(
    SELECT i.aggregate_id, i.aggregate_seq FROM guanxi_$0.inbox i
     WHERE i.source = '$1' AND NOT EXISTS (SELECT FROM guanxi_$1.outbox o WHERE o.id = i.event_id
           AND o.aggregate_id = i.aggregate_id AND o.aggregate_seq = i.aggregate_seq))",
                         service, source));
  judge.Never(StrCat(service, " has heard events of ", source, " out of order"), Substitute(R"(
    SELECT aggregate_id, aggregate_seq FROM (
      SELECT aggregate_id, aggregate_seq, applied_time,
             lag(applied_time) OVER (PARTITION BY aggregate_id ORDER BY aggregate_seq) AS before
        FROM guanxi_$0.inbox WHERE source = '$1') t WHERE before > applied_time)",
                                                                                            service, source));
}

}  // namespace

const std::vector<std::string>& HeardBy(const std::string& service) {
  static const std::map<std::string, std::vector<std::string>> heard = {
      {"customer", {"opportunity", "contract_credit"}},
      {"opportunity", {"customer", "contract_credit"}},
      {"contract_credit", {"customer", "opportunity"}},
      {"analytics", {"customer", "opportunity", "contract_credit"}},
  };
  return heard.at(service);
}

std::vector<std::string> FindBrokenPromises(const Suite& suite, const Acknowledged& acknowledged) {
  Judgement judge;
  judge.Kept("lead", acknowledged.leads, "SELECT id FROM guanxi_customer.lead");
  judge.Kept("conversion", acknowledged.opportunities,
             "SELECT opportunity_id FROM guanxi_customer.lead WHERE state = 'CONVERTED'");
  judge.Kept("acceptance", acknowledged.quotes,
             "SELECT id FROM guanxi_opportunity.quote WHERE status = 'ACCEPTED'");
  judge.Kept("activation", acknowledged.contracts,
             "SELECT id FROM guanxi_contract_credit.contract WHERE activate_time IS NOT NULL");
  JudgeLeads(judge);
  JudgeDeals(judge);
  JudgeNotifications(judge);
  JudgeAnalytics(judge);
  for (const std::string& service : Suite::Services()) {
    JudgeService(judge, service);
    for (const std::string& source : HeardBy(service)) JudgeHearing(judge, service, source);
  }
  return judge.AskedOf(suite);
}

bool Drained(const Suite& suite) {
  std::vector<std::string> under_way;
  for (const std::string& service : Suite::Services()) {
    under_way.push_back(
        Substitute("EXISTS (SELECT FROM guanxi_$0.unsent_event) OR EXISTS (SELECT FROM guanxi_$0.job"
                   " WHERE state = 'LEASED' OR (state <> 'DEAD' AND due_time <= now()))",
                   service));
    for (const std::string& source : HeardBy(service))
      under_way.push_back(
          Substitute("(SELECT count(*) FROM guanxi_$1.outbox) <>"
                     " (SELECT count(*) FROM guanxi_$0.inbox WHERE source = '$1')",
                     service, source));
  }
  return suite.Sql("SELECT " + absl::StrJoin(under_way, " OR ")).at(0) == "f";
}

}  // namespace crm::testing
