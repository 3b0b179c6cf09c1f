#include "services/customer/app/lead_fixture.h"

#include "common/testing/short_codecs.h"
#include "services/customer/domain/lead_import.h"

namespace crm::customer {
namespace {

using testing::BindNamed;
using testing::BindShort;

template <class Event>
void Facts(work::Codecs& codecs, const char* name) {
  BindNamed<LeadFact<Event>>(codecs, name);
}

}  // namespace

LeadFixture::LeadFixture() {
  codecs_.BindReply<CapturedLead>([](const CapturedLead& captured) {
    return captured.lead.id.ToString() + (captured.existed ? " existed" : " new");
  });
  BindShort<OrgUnit>(codecs_);
  BindShort<Employee>(codecs_);
  BindShort<AssignmentRule>(codecs_);
  Facts<LeadCaptured>(codecs_, "LeadCaptured");
  Facts<LeadUpdated>(codecs_, "LeadUpdated");
  Facts<LeadWorkStarted>(codecs_, "LeadUpdated");
  Facts<LeadAssigned>(codecs_, "LeadAssigned");
  Facts<LeadWaiting>(codecs_, "LeadWaiting");
  Facts<LeadKept>(codecs_, "LeadUpdated");
  Facts<LeadReclaimed>(codecs_, "LeadReclaimed");
  Facts<LeadFollowUpMissed>(codecs_, "LeadFollowUpMissed");
  Facts<LeadFollowUpMissWithdrawn>(codecs_, "LeadFollowUpMissWithdrawn");
  Facts<FollowUpReminder>(codecs_, "ReminderDue");
  BindNamed<OrgUnitChanged>(codecs_, "OrgUnitChanged");
  BindNamed<EmployeeChanged>(codecs_, "EmployeeChanged");
  BindNamed<AssignmentRuleChanged>(codecs_, "AssignmentRuleChanged");
  BindNamed<ImportChanged>(codecs_, "ImportChanged");
  headquarters_ =
      IdOf(CreateOrgUnits(work_, {Ask(CreateOrgUnit{{}, OrgUnitKind::kHeadquarters, "总部", ""})})[0]);
}

Uuid LeadFixture::Hire(const std::string& login, int capacity, const Uuid& manager) {
  CreateEmployee command;
  command.employee.name = login;
  command.employee.login = login;
  command.employee.org_unit_id = headquarters_;
  command.employee.manager_id = manager;
  command.employee.capacity = capacity;
  command.employee.time_zone = "Asia/Shanghai";
  return IdOf(CreateEmployees(work_, {Ask(command)})[0]);
}

Uuid LeadFixture::Rule(AssignmentPhase phase, Strategy strategy, absl::Duration follow_up,
                       absl::Duration grace) {
  CreateAssignmentRule command;
  command.rule.org_unit_id = command.rule.team_org_unit_id = headquarters_;
  command.rule.name = "everybody";
  command.rule.phase = phase;
  command.rule.strategy = strategy;
  command.rule.follow_up_within = follow_up;
  command.rule.reclaim_grace = grace;
  return IdOf(CreateAssignmentRules(work_, {Ask(command)})[0]);
}

CaptureLead LeadFixture::Draft(const std::string& company, const std::string& external_id) const {
  CaptureLead command;
  command.draft.details.company = company;
  command.draft.details.external_id = external_id;
  command.draft.org_unit_id = headquarters_;
  return command;
}

Uuid LeadFixture::CaptureOne(const std::string& company) {
  return IdOf(CaptureLeads(work_, {Ask(Draft(company))})[0]);
}

std::vector<LeadFixture::Claimed> LeadFixture::Claim(const std::string& kind, const std::string& where) {
  std::vector<Claimed> claimed;
  for (const std::string& row :
       Sql("WITH claimed AS (UPDATE job SET state = 'LEASED', lease_epoch = lease_epoch + 1 WHERE kind = '" +
           kind + "' AND state = 'PENDING' AND " + where +
           " RETURNING *) SELECT shard, id, lease_epoch, subject_id, convert_from(payload, 'UTF8')"
           " FROM claimed ORDER BY dedupe_key")) {
    std::vector<std::string> cells;
    for (std::size_t at = 0, bar; cells.size() < 4; at = bar + 1) {
      bar = row.find('|', at);
      cells.push_back(row.substr(at, bar - at));
      if (cells.size() == 4) cells.push_back(row.substr(bar + 1));
      if (cells.size() == 5) break;
    }
    claimed.push_back({*Uuid::Parse(cells[3]),
                       cells[4],
                       {std::stoi(cells[0]), *Uuid::Parse(cells[1]), std::stoll(cells[2])}});
  }
  return claimed;
}

void LeadFixture::RunAssignments() {
  std::vector<work::Request<AssignLead>> requests;
  for (const Claimed& job : Claim(kAssignLeadKind))
    requests.push_back(Ask(AssignLead{job.subject_id}, job.lease));
  for (const auto& outcome : AssignLeads(work_, requests)) EXPECT_THAT(outcome, testing::IsOk());
}

void LeadFixture::RunRetries(const std::string& key) {
  std::vector<work::Request<RetryWaitingLeads>> requests;
  for (const Claimed& job : Claim(kRetryWaitingKind, "due_time <= now() AND dedupe_key LIKE '" + key + "'"))
    requests.push_back(Ask(RetryWaitingLeads{job.payload}, job.lease));
  for (const auto& outcome : RetryWaiting(work_, requests)) EXPECT_THAT(outcome, testing::IsOk());
}

void LeadFixture::RunRetriesOfNextMinute() {
  Sql("UPDATE job SET due_time = due_time - interval '60 s' WHERE kind = 'retry_waiting_leads'");
  RunRetries();
}

void LeadFixture::ForgetRetries() { Sql("DELETE FROM job WHERE kind = 'retry_waiting_leads'"); }

void LeadFixture::RunFollowUps() {
  std::vector<work::Request<TakeFollowUpStep>> requests;
  for (const Claimed& job : Claim(kFollowUpKind))
    requests.push_back(Ask(TakeFollowUpStep{job.subject_id, DecodeFollowUp(job.payload).value()}, job.lease));
  for (const auto& outcome : TakeFollowUpSteps(work_, find_plans_, requests))
    EXPECT_THAT(outcome, testing::IsOk());
}

std::vector<std::string> LeadFixture::BrokenInvariants() {
  return Sql(R"(
      SELECT 'over capacity: ' || employee_id FROM workload WHERE open_leads > ceiling
      UNION ALL SELECT 'counter wrong: ' || w.employee_id FROM workload w
        LEFT JOIN (SELECT owner_id, count(*) AS held FROM lead WHERE state NOT IN ('CONVERTED', 'DISQUALIFIED')
                    GROUP BY owner_id) h ON h.owner_id = w.employee_id
       WHERE w.open_leads <> COALESCE(h.held, 0)
      UNION ALL SELECT 'neither assigned nor waiting: ' || l.id FROM lead l
        LEFT JOIN lead_assignment a ON a.lead_id = l.id AND a.active
       WHERE l.state NOT IN ('CONVERTED', 'DISQUALIFIED') AND NOT l.history AND l.waiting_since IS NULL
         AND a.owner_id IS DISTINCT FROM COALESCE(l.owner_id, l.id)
      UNION ALL SELECT 'version is not the last event: ' || l.id FROM lead l
        LEFT JOIN (SELECT aggregate_id, count(*) AS told, max(aggregate_seq) AS last FROM outbox GROUP BY aggregate_id) o
          ON o.aggregate_id = l.id
       WHERE l.version <> COALESCE(o.told, 0) OR l.version <> o.last)");
}

}  // namespace crm::customer
