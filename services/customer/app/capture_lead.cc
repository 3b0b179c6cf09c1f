#include "services/customer/app/capture_lead.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/customer/storage/assignment_store.h"

namespace crm::customer {

std::vector<work::Outcome> CaptureLeads(work::UnitOfWork& work,
                                        absl::Span<const work::Request<CaptureLead>> requests) {
  return work.Run<CaptureLead>(requests, [](work::Batch<CaptureLead>& batch, db::Transaction& tx) {
    // A caller's own unit is known to exist; one that was named is looked up.
    const auto org_paths = AssignmentStore(tx).LoadOrgPaths(
        work::Gather(batch, [](const CaptureLead& command) { return command.draft.org_unit_id; }));

    std::vector<LeadDraft> drafts;
    for (auto& item : batch.items()) {
      LeadDraft& draft = drafts.emplace_back(item->draft);
      if (draft.org_unit_id.nil()) draft.org_unit_id = item.caller().principal->org_unit_id;
    }
    LeadIntake intake(tx);
    intake.Load(drafts);
    auto draft = drafts.begin();
    for (auto& item : batch.items()) {
      const LeadDraft& mine = *draft++;
      if (!item->draft.org_unit_id.nil() && !org_paths.contains(mine.org_unit_id)) {
        item.Fail(errors::NotFound("org_unit", mine.org_unit_id.ToString(), "lead.org_unit_id"));
        continue;
      }
      const LeadIntake::Taken taken = intake.Take(item, mine);
      if (taken.fate == LeadIntake::Fate::kDuplicate) {
        item.Fail(
            errors::AlreadyExists("lead", "lead", DisplayName(mine.details), taken.lead->id.ToString()));
      } else {
        item.Succeed(CapturedLead{*taken.lead, taken.fate != LeadIntake::Fate::kCreated});
      }
    }
    batch.Guard(intake.Save());
  });
}

std::vector<work::Outcome> UpdateLeads(work::UnitOfWork& work,
                                       absl::Span<const work::Request<UpdateLead>> requests) {
  return work.Run<UpdateLead>(requests, [](work::Batch<UpdateLead>& batch, db::Transaction& tx) {
    LeadStore store(tx);
    auto leads = store.Load(work::Gather(batch, [](const UpdateLead& command) { return command.id; }));
    for (auto& item : batch.items()) {
      Lead* lead = work::Find(item, leads, {"lead.id", item->id}, "lead:update", item->etag);
      if (lead == nullptr) continue;
      const auto updated = Correct(*lead, item->patch);
      if (!updated.ok()) {
        item.Fail(updated.status());
        continue;
      }
      if (*updated) {
        lead->update_time = batch.now();
        Tell(item, *lead, **updated);
      }
      item.Succeed(*lead);
    }
    batch.Guard(store.Save(leads));
  });
}

}  // namespace crm::customer
