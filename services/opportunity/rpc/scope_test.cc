#include "common/testing/scopes.h"
#include "services/opportunity/app/quotes.h"
#include "services/opportunity/app/schedule_activity.h"
#include "services/opportunity/rpc/use_case_fixture.h"
#include "services/opportunity/storage/activity_store.h"
#include "services/opportunity/storage/opportunity_store.h"
#include "services/opportunity/storage/process_store.h"
#include "services/opportunity/storage/product_store.h"
#include "services/opportunity/storage/quote_store.h"

namespace crm::opportunity {
namespace {

// Whatever is listed, products and sales processes too, a caller with a narrower scope than all sees his own
// and nothing else.
class ScopeTest : public Fixture {
 protected:
  ScopeTest() {
    for (int i = 0; i < 3; ++i) {
      PublishProcess();
      const Uuid deal = Deals(1)[0], product = ProductAt(100, "P-" + std::to_string(i));
      Reply<v1::Quote>(CreateQuotes(work_, {{Ask(Offer(deal, product))}})[0]);
      Reply<v1::Activity>(ScheduleActivities(work_, peers_, {{Ask(Visit(deal))}})[0]);
    }
  }

  template <class Store, class... Filter>
  void Expect(const std::string& table, const Filter&... filter) {
    SCOPED_TRACE(table);
    testing::DealOut(schema_, table);
    testing::ExpectListKeepsToScope(
        pool_,
        [&](db::Transaction& tx, const auth::Scope& scope) {
          return Store(tx).List(scope, filter..., Page());
        },
        [](db::Transaction& tx, const std::vector<Uuid>& ids) { return Store(tx).Load(ids); });
  }
};

TEST_F(ScopeTest, EveryListKeepsToIt) {
  Expect<OpportunityStore>("opportunity", OpportunityFilter());
  Expect<QuoteStore>("quote", QuoteFilter());
  Expect<ActivityStore>("activity", ActivityFilter());
  Expect<ProcessStore>("sales_process", "");
  Expect<ProductStore>("product");
}

}  // namespace
}  // namespace crm::opportunity
