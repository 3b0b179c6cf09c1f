#include "tests/faults/checker.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace crm::testing {
namespace {

// Who hears whom: as bound in each service's main.cc.
const std::map<std::string, std::vector<std::string>>& Hearing() {
  static const std::map<std::string, std::vector<std::string>> hearing = {
      {"customer", {"opportunity", "contract_credit"}},
      {"opportunity", {"customer", "contract_credit"}},
      {"contract_credit", {"customer", "opportunity"}},
      {"analytics", {"customer", "opportunity", "contract_credit"}},
  };
  return hearing;
}

void Report(const Suite& suite, std::vector<std::string>& broken, const std::string& promise,
            const std::string& sql) {
  for (const std::string& row : suite.Sql(sql + " LIMIT 5")) broken.push_back(promise + ": " + row);
}

}  // namespace

std::vector<std::string> FindBrokenPromises(const Suite& suite, const std::set<std::string>& acknowledged) {
  std::vector<std::string> broken;

  std::set<std::string> stored;
  for (const std::string& id : suite.Sql("SELECT id FROM guanxi_customer.lead")) stored.insert(id);
  for (const std::string& id : acknowledged)
    if (!stored.contains(id)) broken.push_back("an acknowledged lead is lost: " + id);

  Report(suite, broken, "a lead is neither assigned nor visibly waiting",
         "SELECT id, state FROM guanxi_customer.lead l WHERE state IN ('NEW', 'ASSIGNED', 'WORKING', "
         "'NURTURING')"
         " AND waiting_since IS NULL AND NOT EXISTS"
         " (SELECT 1 FROM guanxi_customer.lead_assignment a WHERE a.lead_id = l.id AND a.active AND "
         "a.owner_id = l.owner_id)");
  Report(suite, broken, "a lead was given away twice",
         "SELECT lead_id, count(*) FROM guanxi_customer.lead_assignment WHERE outcome = 'ASSIGNED' AND phase "
         "= 'UNJUDGED'"
         " GROUP BY lead_id HAVING count(*) > 1");
  Report(suite, broken, "a lead was announced as assigned twice",
         "SELECT aggregate_id, count(*) FROM guanxi_customer.outbox WHERE type = 'LeadAssigned'"
         " GROUP BY aggregate_id HAVING count(*) > 1");
  Report(suite, broken, "a person's counter of open leads is wrong",
         "SELECT w.employee_id, w.open_leads, count(l.id) FROM guanxi_customer.workload w LEFT JOIN "
         "guanxi_customer.lead l"
         " ON l.owner_id = w.employee_id AND l.state IN ('ASSIGNED', 'WORKING', 'NURTURING')"
         " GROUP BY w.employee_id, w.open_leads HAVING w.open_leads <> count(l.id)");
  Report(
      suite, broken, "a person carries more than the capacity",
      "SELECT employee_id, open_leads, capacity FROM guanxi_customer.workload WHERE open_leads > capacity");
  Report(suite, broken, "a lead's version is not its highest event",
         "SELECT l.id, l.version, max(o.aggregate_seq) FROM guanxi_customer.lead l LEFT JOIN "
         "guanxi_customer.outbox o"
         " ON o.aggregate_id = l.id GROUP BY l.id, l.version HAVING l.version IS DISTINCT FROM "
         "max(o.aggregate_seq)");
  Report(suite, broken, "an owner was not notified exactly once",
         "SELECT l.id, count(n.id) FROM guanxi_customer.lead l LEFT JOIN guanxi_opportunity.notification n"
         " ON n.subject_id = l.id AND n.kind = 'lead_assigned' WHERE l.owner_id IS NOT NULL"
         " GROUP BY l.id HAVING count(n.id) <> 1");

  for (const std::string& service : Suite::Services()) {
    const std::string schema = "guanxi_" + service;
    Report(suite, broken, service + ": an aggregate's events have a gap",
           "SELECT aggregate_id, count(*), max(aggregate_seq) FROM " + schema +
               ".outbox GROUP BY aggregate_id HAVING count(*) <> max(aggregate_seq)");
    Report(suite, broken, service + ": a dead letter",
           "SELECT source, type, reason FROM " + schema + ".dead_letter");
    Report(suite, broken, service + ": a dead job",
           "SELECT kind, last_error FROM " + schema + ".job WHERE state = 'DEAD'");
    for (const std::string& source : Hearing().at(service)) {
      Report(suite, broken, absl::StrCat(service, " has not heard every event of ", source, " exactly once"),
             absl::StrCat("SELECT o.aggregate_id, o.aggregate_seq, o.type FROM guanxi_", source,
                          ".outbox o LEFT JOIN ", schema, ".inbox i ON i.source = '", source,
                          "' AND i.aggregate_id = o.aggregate_id AND i.aggregate_seq = o.aggregate_seq"
                          " WHERE i.event_id IS DISTINCT FROM o.id"));
      Report(
          suite, broken, absl::StrCat(service, " has heard from ", source, " what was never said"),
          absl::StrCat("SELECT i.aggregate_id, i.aggregate_seq FROM ", schema, ".inbox i WHERE i.source = '",
                       source, "' AND NOT EXISTS (SELECT 1 FROM guanxi_", source,
                       ".outbox o WHERE o.id = i.event_id"
                       " AND o.aggregate_id = i.aggregate_id AND o.aggregate_seq = i.aggregate_seq)"));
      Report(suite, broken, absl::StrCat(service, " has heard events of ", source, " out of order"),
             absl::StrCat(
                 "SELECT aggregate_id, aggregate_seq FROM (SELECT aggregate_id, aggregate_seq, applied_time,"
                 " lag(applied_time) OVER (PARTITION BY aggregate_id ORDER BY aggregate_seq) AS before FROM ",
                 schema, ".inbox WHERE source = '", source, "') t WHERE before > applied_time"));
    }
  }
  return broken;
}

bool Drained(const Suite& suite) {
  for (const std::string& service : Suite::Services()) {
    const std::string schema = "guanxi_" + service;
    if (suite.Sql("SELECT count(*) FROM " + schema + ".unsent_event").at(0) != "0") return false;
    if (suite.Sql("SELECT count(*) FROM " + schema + ".job WHERE state <> 'DEAD' AND due_time <= now()")
            .at(0) != "0")
      return false;
    if (suite.Sql("SELECT count(*) FROM " + schema + ".job WHERE state = 'LEASED'").at(0) != "0")
      return false;
    for (const std::string& source : Hearing().at(service))
      if (suite
              .Sql(absl::StrCat("SELECT (SELECT count(*) FROM guanxi_", source,
                                ".outbox) - (SELECT count(*) FROM ", schema, ".inbox WHERE source = '",
                                source, "')"))
              .at(0) != "0")
        return false;
  }
  return true;
}

}  // namespace crm::testing
