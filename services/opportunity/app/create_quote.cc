#include "absl/strings/str_cat.h"
#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/opportunity/app/quotes.h"
#include "services/opportunity/domain/names.h"
#include "services/opportunity/storage/opportunity_store.h"
#include "services/opportunity/storage/product_store.h"
#include "services/opportunity/storage/quote_store.h"

namespace crm::opportunity {
namespace {

work::Tracked<Product> LoadProducts(work::Batch<CreateQuote>& batch, db::Transaction& tx) {
  std::vector<Uuid> ids;
  for (auto& item : batch.items())
    for (const QuoteLine& line : item->lines) ids.push_back(line.product_id);
  return ProductStore(tx).Load(work::Distinct(std::move(ids)));
}

std::string NumberOf(const Uuid& id, absl::Time now) {
  const std::string text = id.ToString();
  return absl::StrCat("Q-", absl::FormatTime("%Y%m%d", now, absl::UTCTimeZone()), "-",
                      text.substr(text.size() - 8));
}

Quote NewQuote(const CreateQuote& command, const Opportunity& o, absl::Time now) {
  Quote quote;
  quote.id = Uuid::New();
  quote.number = NumberOf(quote.id, now);
  quote.owner_id = o.owner_id;
  quote.org_unit_id = o.org_unit_id;
  quote.opportunity_id = o.id;
  quote.opportunity_name = o.details.name;
  quote.lead_id = o.lead_id;
  quote.customer_id = o.customer_id;
  quote.customer_name = o.customer_name;
  quote.name = command.name.empty() ? o.details.name : command.name;
  quote.currency = command.currency;
  quote.lines = command.lines;
  quote.discount = command.discount;
  quote.instalments = command.instalments;
  quote.valid_until = command.valid_until;
  quote.create_time = quote.update_time = now;
  return quote;
}

// Names the products and takes their list prices where the line has none.
template <class Item>
bool FillIn(Item& item, Quote& quote, work::Tracked<Product>& products) {
  bool all_are = true;
  for (QuoteLine& line : quote.lines) {
    const std::string field = absl::StrCat("quote.lines[", &line - quote.lines.data(), "]");
    const Product* product = Find(item, products, {field + ".product_id", line.product_id}, "product:read");
    all_are &= product != nullptr;
    if (product == nullptr) continue;
    line.product_name = product->name;
    if (line.unit_price >= 0) continue;
    if (product->list_price.currency != quote.currency) {
      item.Fail(errors::FailedPrecondition(
          "NO_PRICE",
          absl::StrCat("\"", product->name, "\" has no list price in ", quote.currency,
                       "; give a unit_price"),
          {{"field", field + ".unit_price"}, {"product_id", product->id.ToString()}}));
      all_are = false;
      continue;
    }
    line.unit_price = product->list_price.minor_units;
  }
  return all_are;
}

}  // namespace

std::vector<work::Outcome> CreateQuotes(work::UnitOfWork& work,
                                        absl::Span<const work::Request<CreateQuote>> requests) {
  return work.Run<CreateQuote>(requests, [](work::Batch<CreateQuote>& batch, db::Transaction& tx) {
    auto opportunities = OpportunityStore(tx).Load(Gather(batch, &CreateQuote::opportunity_id));
    auto products = LoadProducts(batch, tx);

    work::Tracked<Quote> quotes;
    for (auto& item : batch.items()) {
      const Opportunity* o =
          Find(item, opportunities, {"quote.opportunity_id", item->opportunity_id}, "opportunity:read");
      if (o == nullptr) continue;
      if (o->status != Status::kOpen) {
        item.Fail(errors::IllegalMove("opportunity", "status", Name(o->status), "quoted",
                                      "only an open opportunity is quoted"));
        continue;
      }
      Quote quote = NewQuote(*item, *o, batch.now());
      if (!FillIn(item, quote, products)) continue;
      if (absl::Status priced = Price(quote); !priced.ok()) {
        item.Fail(std::move(priced));
        continue;
      }
      Quote& added = quotes.AddNew(std::move(quote));
      item.Emit(added, QuoteDrafted{added});
      item.Succeed(added);
    }
    batch.Guard(QuoteStore(tx).Save(quotes));
  });
}

}  // namespace crm::opportunity
