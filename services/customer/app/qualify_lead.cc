#include "services/customer/app/qualify_lead.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/customer/app/freed_places.h"
#include "services/customer/storage/lead_store.h"

namespace crm::customer {

std::vector<work::Outcome> QualifyLeads(work::UnitOfWork& work,
                                        absl::Span<const work::Request<QualifyLead>> requests) {
  return work.Run<QualifyLead>(requests, [](work::Batch<QualifyLead>& batch, db::Transaction& tx) {
    LeadStore store(tx);
    auto leads = store.Load(work::Gather(batch, [](const auto& command) { return command.id; }));
    for (auto& item : batch.items()) {
      Lead* lead = work::Find(item, leads, item->id, "lead:qualify", item->etag);
      if (lead == nullptr) continue;
      const auto qualified = Qualify(*lead, item->judgement);
      if (!qualified.ok()) {
        item.Fail(qualified.status());
        continue;
      }
      lead->update_time = batch.now();
      Apply(*lead, *qualified);
      item.Emit(*lead, LeadFact<LeadQualified>{*lead, *qualified});
      if (qualified->outcome == LeadVerdict::kPotential) {
        const LeadNurtured nurtured;
        Apply(*lead, nurtured);
        item.Emit(*lead, LeadFact<LeadNurtured>{*lead, nurtured});
      }
      item.Schedule(AssignLeadJob(lead->id, batch.now()));
      item.Succeed(*lead);
    }
    batch.Guard(store.Save(leads));
  });
}

std::vector<work::Outcome> DisqualifyLeads(work::UnitOfWork& work,
                                           absl::Span<const work::Request<DisqualifyLead>> requests) {
  return work.Run<DisqualifyLead>(requests, [](work::Batch<DisqualifyLead>& batch, db::Transaction& tx) {
    LeadStore store(tx);
    auto leads = store.Load(work::Gather(batch, [](const auto& command) { return command.id; }));
    FreedPlaces freed;
    for (auto& item : batch.items()) {
      Lead* lead = work::Find(item, leads, item->id, "lead:disqualify", item->etag);
      if (lead == nullptr) continue;
      const auto disqualified = Disqualify(*lead, item->disqualified);
      if (!disqualified.ok()) {
        item.Fail(disqualified.status());
        continue;
      }
      lead->update_time = batch.now();
      Apply(*lead, *disqualified);
      item.Emit(*lead, LeadFact<LeadDisqualified>{*lead, *disqualified});
      CancelFollowUp(item, *lead);
      freed.Add(item, lead->id, lead->owner_id);
      item.Succeed(*lead);
    }
    if (!store.Save(leads)) return batch.Guard(false);
    freed.Save(tx);
  });
}

}  // namespace crm::customer
