#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/opportunity/app/quotes.h"
#include "services/opportunity/storage/quote_store.h"

namespace crm::opportunity {

std::vector<work::Outcome> SubmitQuotes(work::UnitOfWork& work,
                                        absl::Span<const work::Request<SubmitQuote>> requests) {
  return work.Run<SubmitQuote>(requests, [](work::Batch<SubmitQuote>& batch, db::Transaction& tx) {
    QuoteStore store(tx);
    auto quotes = store.Load(Gather(batch, &SubmitQuote::id));
    for (auto& item : batch.items()) {
      Quote* quote = Find(item, quotes, item->id, "quote:submit", item->expected_version);
      if (quote == nullptr) continue;

      const auto submitted = Submit(*quote, batch.now());
      if (!submitted.ok()) {
        item.Fail(submitted.status());
        continue;
      }
      *quote = submitted->quote;
      item.Emit(*quote, *submitted);
      item.Succeed(*quote);
    }
    batch.Guard(store.Save(quotes));
  });
}

}  // namespace crm::opportunity
