#include "services/opportunity/app/update_opportunity.h"

#include <algorithm>

#include "services/opportunity/app/deals.h"
#include "services/opportunity/app/name_products.h"

namespace crm::opportunity {

std::vector<work::Outcome> UpdateOpportunities(work::UnitOfWork& work,
                                               absl::Span<const work::Request<UpdateOpportunity>> requests) {
  return work.Run<UpdateOpportunity>(requests, [](work::Batch<UpdateOpportunity>& batch,
                                                  db::Transaction& tx) {
    Deals deals(tx, Gather(batch, &UpdateOpportunity::id));
    auto products = LoadProductsOf(batch, tx);
    for (auto& item : batch.items()) {
      Opportunity* o = Find(item, deals.opportunities(), {"opportunity.id", item->id}, "opportunity:update",
                            item->expected_version);
      if (o == nullptr) continue;
      UpdateOpportunity command = *item;
      if (!NameProducts(item, products, command.details)) continue;

      auto updated = Update(*o, deals.ProcessOf(*o), command, batch.now());
      if (!updated.ok()) {
        item.Fail(updated.status());
        continue;
      }
      const auto amount_before = o->details.amount;
      if (std::erase(updated->fields, "amount") > 0)
        deals.Record(item, *o, OpportunityAmountChanged{updated->opportunity, updated->at, amount_before});
      if (!updated->fields.empty()) deals.Record(item, *o, *updated);
      item.Succeed(*o);
    }
    batch.Guard(deals.Save());
  });
}

}  // namespace crm::opportunity
