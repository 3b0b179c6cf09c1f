#include "services/opportunity/app/lose_opportunity.h"

#include "services/opportunity/app/deals.h"

namespace crm::opportunity {

std::vector<work::Outcome> LoseOpportunities(work::UnitOfWork& work,
                                             absl::Span<const work::Request<LoseOpportunity>> requests) {
  return work.Run<LoseOpportunity>(requests, [](work::Batch<LoseOpportunity>& batch, db::Transaction& tx) {
    Deals deals(tx, Gather(batch, &LoseOpportunity::id));
    for (auto& item : batch.items()) {
      Opportunity* o =
          Find(item, deals.opportunities(), item->id, "opportunity:close", item->expected_version);
      if (o == nullptr) continue;

      const auto lost = Lose(*o, deals.ProcessOf(*o), *item, batch.now());
      if (!lost.ok()) {
        item.Fail(lost.status());
        continue;
      }
      deals.Record(item, *o, *lost);
      item.Succeed(*o);
    }
    batch.Guard(deals.Save());
  });
}

}  // namespace crm::opportunity
