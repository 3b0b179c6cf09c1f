#include "services/customer/app/read_leads.h"

#include "common/work/get.h"
#include "services/customer/storage/lead_store.h"

namespace crm::customer {

std::vector<absl::StatusOr<Lead>> GetLeads(db::Pool& pool,
                                           absl::Span<const work::Request<GetLead>> requests) {
  return work::GetVisible<Lead>(pool, requests, "lead:read",
                                [](db::Transaction& tx, const auto& ids) { return LeadStore(tx).Load(ids); });
}

absl::StatusOr<std::vector<Lead>> LeadsLike(db::Pool& pool, const work::Request<ListLeads>& request) {
  const auto& [caller, query, once] = request;
  const auto scope = auth::Scope::Of(*caller.principal, "lead:read");
  std::vector<Lead> leads;
  const absl::Status read = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    leads = LeadFinder(tx).List(scope, query.filter, query.before, query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return leads;
}

absl::StatusOr<std::vector<Lead>> LeadsNamed(db::Pool& pool, const work::Request<BatchGetLeads>& request) {
  const auto& [caller, query, once] = request;
  const auto scope = auth::Scope::Of(*caller.principal, "lead:read");
  std::vector<Lead> leads;
  const absl::Status read = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    leads = LeadFinder(tx).Named(scope, query.ids, query.external_ids);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return leads;
}

absl::StatusOr<StoredDecision> LatestDecision(db::Pool& pool, const work::Request<GetLead>& request) {
  const auto& [caller, query, once] = request;
  std::vector<StoredDecision> found;
  const absl::Status read = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    auto leads = LeadStore(tx).Load({query.id});
    if (work::FindVisible(leads, query.id, caller, "lead:read") == nullptr)
      return errors::NotFound("lead", query.id.ToString(), "lead_id");
    found = AssignmentStore(tx).Latest({query.id});
    return found.empty() ? errors::NotFound("assignment_decision", query.id.ToString(), "lead_id")
                         : absl::OkStatus();
  });
  if (!read.ok()) return read;
  return found.front();
}

absl::StatusOr<std::vector<AssignmentRule>> RulesOf(db::Pool& pool,
                                                    const work::Request<ListAssignmentRules>& request) {
  const auto& [caller, query, once] = request;
  const auto scope = auth::Scope::Of(*caller.principal, "assignment_rule:read");
  std::vector<AssignmentRule> rules;
  const absl::Status read = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    rules = AssignmentStore(tx).ListRules(scope, query.org_unit_id, query.after_position, query.after_id,
                                          query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return rules;
}

}  // namespace crm::customer
