#include "services/opportunity/app/deals.h"
#include "services/opportunity/app/quotes.h"
#include "services/opportunity/storage/quote_store.h"

namespace crm::opportunity {
namespace {

std::vector<Uuid> OpportunitiesOf(work::Tracked<Quote>& quotes, const std::vector<Uuid>& ids) {
  std::vector<Uuid> opportunity_ids;
  for (const Uuid& id : ids)
    if (const Quote* quote = quotes.Find(id)) opportunity_ids.push_back(quote->opportunity_id);
  return work::Distinct(std::move(opportunity_ids));
}

WinOpportunity WinBy(const Quote& quote, const AcceptQuote& command) {
  return {.id = quote.opportunity_id,
          .expected_version = std::nullopt,
          .reason = command.reason.empty() ? "quote_accepted" : command.reason,
          .note = command.note,
          .amount = Money{quote.currency, quote.total}};
}

}  // namespace

std::vector<work::Outcome> AcceptQuotes(work::UnitOfWork& work,
                                        absl::Span<const work::Request<AcceptQuote>> requests) {
  return work.Run<AcceptQuote>(requests, [](work::Batch<AcceptQuote>& batch, db::Transaction& tx) {
    QuoteStore store(tx);
    const auto ids = Gather(batch, &AcceptQuote::id);
    auto quotes = store.Load(ids);
    Deals deals(tx, OpportunitiesOf(quotes, ids));
    for (auto& item : batch.items()) {
      Quote* quote = Find(item, quotes, item->id, "quote:accept", item->expected_version);
      if (quote == nullptr) continue;
      Opportunity* o = Find(item, deals.opportunities(), quote->opportunity_id, "opportunity:read");
      if (o == nullptr) continue;

      const auto accepted = Accept(*quote, batch.now());
      if (!accepted.ok()) {
        item.Fail(accepted.status());
        continue;
      }
      auto won = Win(*o, deals.ProcessOf(*o), deals.EvidenceOf(*o), WinBy(*quote, *item), batch.now());
      if (!won.ok()) {
        item.Fail(won.status());
        continue;
      }
      won->quote_id = quote->id;
      *quote = accepted->quote;
      item.Emit(*quote, *accepted);
      deals.Record(item, *o, *won);
      item.Succeed(*quote);
    }
    batch.Guard(deals.Save() && store.Save(quotes));
  });
}

}  // namespace crm::opportunity
