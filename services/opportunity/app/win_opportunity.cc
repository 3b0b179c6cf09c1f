#include "services/opportunity/app/win_opportunity.h"

#include "services/opportunity/app/deals.h"

namespace crm::opportunity {

std::vector<work::Outcome> WinOpportunities(work::UnitOfWork& work,
                                            absl::Span<const work::Request<WinOpportunity>> requests) {
  return work.Run<WinOpportunity>(requests, [](work::Batch<WinOpportunity>& batch, db::Transaction& tx) {
    Deals deals(tx, Gather(batch, &WinOpportunity::id));
    for (auto& item : batch.items()) {
      Opportunity* o =
          Find(item, deals.opportunities(), item->id, "opportunity:close", item->expected_version);
      if (o == nullptr) continue;  // the item has its error; its neighbours go on

      const auto won = Win(*o, deals.ProcessOf(*o), deals.EvidenceOf(*o), *item, batch.now());
      if (!won.ok()) {
        item.Fail(won.status());
        continue;
      }
      deals.Record(item, *o, *won);
      item.Succeed(*o);
    }
    batch.Guard(deals.Save());
  });
}

}  // namespace crm::opportunity
