#include "services/customer/app/change_assignment_rule.h"

#include "common/work/gather.h"
#include "services/customer/app/lead_jobs.h"
#include "services/customer/app/named_staff.h"
#include "services/customer/storage/assignment_store.h"

namespace crm::customer {
namespace {

// The units and people that `rules` name.
NamedStaff StaffOf(db::Transaction& tx, const std::vector<AssignmentRule>& rules) {
  std::vector<Uuid> units, employees;
  for (const AssignmentRule& rule : rules) {
    units.insert(units.end(), {rule.org_unit_id, rule.team_org_unit_id});
    employees.push_back(rule.employee_id);
  }
  return {tx, work::Distinct(std::move(employees)), work::Distinct(std::move(units))};
}

// False when somebody whom `rule` names is missing: the item has failed.
template <class Item>
bool AreKnown(Item& item, NamedStaff& staff, const AssignmentRule& rule) {
  const bool unit_is = staff.KnowsOrgUnit(item, {"assignment_rule.org_unit_id", rule.org_unit_id});
  if (rule.strategy == Strategy::kPerson)
    return staff.KnowsEmployee(item, {"assignment_rule.employee_id", rule.employee_id}) && unit_is;
  return staff.KnowsOrgUnit(item, {"assignment_rule.team_org_unit_id", rule.team_org_unit_id}) && unit_is;
}

AssignmentRule Merged(const AssignmentRule& current, const AssignmentRule& given,
                      const std::vector<std::string>& fields) {
  AssignmentRule rule = current;
  for (const std::string& field : fields) {
    if (field == "name") rule.name = given.name;
    if (field == "position") rule.position = given.position;
    if (field == "enabled") rule.enabled = given.enabled;
    if (field == "criteria") rule.criteria = given.criteria;
    if (field == "strategy") rule.strategy = given.strategy;
    if (field == "employee_id") rule.employee_id = given.employee_id;
    if (field == "team_org_unit_id") rule.team_org_unit_id = given.team_org_unit_id;
    if (field == "follow_up_minutes") rule.follow_up_within = given.follow_up_within;
    if (field == "reclaim_grace_minutes") rule.reclaim_grace = given.reclaim_grace;
  }
  return rule;
}

void Create(work::Batch<CreateAssignmentRule>& batch, db::Transaction& tx) {
  std::vector<AssignmentRule> rules;
  for (auto& item : batch.items()) {
    AssignmentRule& rule = rules.emplace_back(item->rule);
    if (rule.org_unit_id.nil()) rule.org_unit_id = item.caller().principal->org_unit_id;
  }
  NamedStaff staff = StaffOf(tx, rules);
  work::Tracked<AssignmentRule> created;
  auto next = rules.begin();
  for (auto& item : batch.items()) {
    AssignmentRule rule = std::move(*next++);
    if (!AreKnown(item, staff, rule)) continue;
    rule.id = Uuid::New();
    rule.create_time = rule.update_time = batch.now();
    AssignmentRule& added = created.AddNew(std::move(rule));
    item.Emit(added, AssignmentRuleChanged{added});
    item.Schedule(RetryWaitingJob(batch.now()));
    item.Succeed(added);
  }
  batch.Guard(AssignmentStore(tx).Save(created));
}

}  // namespace

std::vector<work::Outcome> CreateAssignmentRules(
    work::UnitOfWork& work, absl::Span<const work::Request<CreateAssignmentRule>> requests) {
  return work.Run<CreateAssignmentRule>(requests, Create);
}

std::vector<work::Outcome> UpdateAssignmentRules(
    work::UnitOfWork& work, absl::Span<const work::Request<UpdateAssignmentRule>> requests) {
  return work.Run<UpdateAssignmentRule>(
      requests, [](work::Batch<UpdateAssignmentRule>& batch, db::Transaction& tx) {
        AssignmentStore store(tx);
        const auto ids = work::Gather(batch, [](const UpdateAssignmentRule& command) { return command.id; });
        auto rules = store.LoadRules(ids);
        std::vector<AssignmentRule> mentioned;
        for (auto& item : batch.items())
          if (const AssignmentRule* rule = rules.Find(item->id))
            mentioned.push_back(Merged(*rule, item->rule, item->fields));
        NamedStaff staff = StaffOf(tx, mentioned);

        for (auto& item : batch.items()) {
          AssignmentRule* rule =
              work::Find(item, rules, {"assignment_rule.id", item->id}, "assignment_rule:write", item->etag);
          if (rule == nullptr) continue;
          AssignmentRule merged = Merged(*rule, item->rule, item->fields);
          if (!AreKnown(item, staff, merged)) continue;
          *rule = std::move(merged);
          rule->update_time = batch.now();
          item.Emit(*rule, AssignmentRuleChanged{*rule});
          item.Schedule(RetryWaitingJob(batch.now()));
          item.Succeed(*rule);
        }
        batch.Guard(store.Save(rules));
      });
}

}  // namespace crm::customer
