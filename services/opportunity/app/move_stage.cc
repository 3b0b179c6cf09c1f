#include "services/opportunity/app/move_stage.h"

#include "services/opportunity/app/deals.h"

namespace crm::opportunity {

std::vector<work::Outcome> MoveStages(work::UnitOfWork& work,
                                      absl::Span<const work::Request<MoveStage>> requests) {
  return work.Run<MoveStage>(requests, [](work::Batch<MoveStage>& batch, db::Transaction& tx) {
    Deals deals(tx, Gather(batch, &MoveStage::id));
    for (auto& item : batch.items()) {
      Opportunity* o =
          Find(item, deals.opportunities(), item->id, "opportunity:move", item->expected_version);
      if (o == nullptr) continue;

      const auto moved = Move(*o, deals.ProcessOf(*o), deals.EvidenceOf(*o), *item, batch.now());
      if (!moved.ok()) {
        item.Fail(moved.status());
        continue;
      }
      deals.Record(item, *o, *moved);
      item.Succeed(*o);
    }
    batch.Guard(deals.Save());
  });
}

}  // namespace crm::opportunity
