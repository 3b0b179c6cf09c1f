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
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  const auto scope = auth::Scope::Of(*caller.principal, "lead:read");
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return LeadFinder(tx).List(scope, query.filter, query.before, query.limit);
  });
}

absl::StatusOr<std::vector<Lead>> LeadsNamed(db::Pool& pool, const work::Request<BatchGetLeads>& request) {
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  const auto scope = auth::Scope::Of(*caller.principal, "lead:read");
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return LeadFinder(tx).Named(scope, query.ids, query.external_ids);
  });
}

absl::StatusOr<StoredDecision> LatestDecision(db::Pool& pool, const work::Request<GetLead>& request) {
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) -> absl::StatusOr<StoredDecision> {
    auto leads = LeadStore(tx).Load({query.id});
    if (work::FindVisible(leads, query.id, caller, "lead:read") == nullptr)
      return errors::NotFound("lead", query.id.ToString(), "lead_id");
    auto found = AssignmentStore(tx).Latest({query.id});
    if (found.empty()) return errors::NotFound("assignment_decision", query.id.ToString(), "lead_id");
    return std::move(found.front());
  });
}

absl::StatusOr<std::vector<AssignmentRule>> RulesOf(db::Pool& pool,
                                                    const work::Request<ListAssignmentRules>& request) {
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  const auto scope = auth::Scope::Of(*caller.principal, "assignment_rule:read");
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return AssignmentStore(tx).ListRules(scope, query.org_unit_id, query.after_position, query.after_id,
                                         query.limit);
  });
}

}  // namespace crm::customer
