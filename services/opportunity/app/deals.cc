#include "services/opportunity/app/deals.h"

#include <algorithm>

#include "services/opportunity/domain/names.h"

namespace crm::opportunity {
namespace {

bool AsksForActivities(const SalesProcess& process) {
  return std::ranges::any_of(process.stages, [](const Stage& stage) {
    return std::ranges::any_of(stage.gates,
                               [](const Gate& gate) { return gate.kind == Gate::Kind::kCompletedActivity; });
  });
}

}  // namespace

Deals::Deals(db::Transaction& tx, const std::vector<Uuid>& opportunity_ids)
    : store_(tx), opportunities_(store_.Load(opportunity_ids)) {
  std::vector<Uuid> process_ids, asking;
  for (const Uuid& id : opportunity_ids)
    if (const Opportunity* o = opportunities_.Find(id)) process_ids.push_back(o->process_id);
  processes_ = ProcessStore(tx).Load(work::Distinct(std::move(process_ids)));
  for (const Uuid& id : opportunity_ids)
    if (const Opportunity* o = opportunities_.Find(id); o != nullptr && AsksForActivities(ProcessOf(*o)))
      asking.push_back(id);
  evidence_ = store_.LoadEvidence(asking);
}

void Deals::Keep(const Opportunity& o, const std::string& from, const Uuid& actor_id) {
  moves_.push_back({.opportunity_id = o.id,
                    .sequence = o.version,
                    .from_stage = from,
                    .to_stage = o.status == Status::kOpen ? o.stage : std::string(Name(o.status)),
                    .time = o.update_time,
                    .gates_skipped = false,
                    .actor_id = actor_id});
}

}  // namespace crm::opportunity
