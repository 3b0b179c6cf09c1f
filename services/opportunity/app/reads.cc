#include "services/opportunity/app/reads.h"

#include "common/work/get.h"
#include "services/opportunity/storage/activity_store.h"
#include "services/opportunity/storage/import_store.h"
#include "services/opportunity/storage/notification_store.h"
#include "services/opportunity/storage/opportunity_store.h"
#include "services/opportunity/storage/process_store.h"
#include "services/opportunity/storage/product_store.h"
#include "services/opportunity/storage/quote_store.h"

namespace crm::opportunity {
namespace {

constexpr char kOpportunity[] = "opportunity:read", kQuote[] = "quote:read", kActivity[] = "activity:read",
               kProcess[] = "sales_process:read", kProduct[] = "product:read", kImport[] = "import:read";

template <class Store, class Aggregate>
Answers<Aggregate> GetAll(db::Pool& pool, std::string_view permission, Gets<Aggregate> requests) {
  return work::GetVisible<Aggregate>(
      pool, requests, permission,
      [](db::Transaction& tx, const std::vector<Uuid>& ids) { return Store(tx).Load(ids); });
}

auth::Scope ScopeOf(const work::Caller& caller, std::string_view permission) {
  return auth::Scope::Of(*caller.principal, permission);
}

// What belongs to one aggregate: `read(store)`, unless the aggregate is out of sight.
template <class Aggregate, class Store, class Read>
auto ReadOf(db::Pool& pool, const work::Caller& caller, std::string_view permission, const work::Named& named,
            Read read) {
  using Found = absl::StatusOr<std::invoke_result_t<Read, Store&>>;
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) -> Found {
    Store store(tx);
    auto loaded = store.Load({named.id});
    if (!work::FindVisible(loaded, named.id, caller, permission))
      return errors::NotFound(Aggregate::kAggregateType, named.id.ToString(), named.field);
    return read(store);
  });
}

}  // namespace

Answers<Opportunity> GetOpportunities(db::Pool& pool, Gets<Opportunity> requests) {
  return GetAll<OpportunityStore>(pool, kOpportunity, requests);
}
Answers<Quote> GetQuotes(db::Pool& pool, Gets<Quote> requests) {
  return GetAll<QuoteStore>(pool, kQuote, requests);
}
Answers<SalesProcess> GetSalesProcesses(db::Pool& pool, Gets<SalesProcess> requests) {
  return GetAll<ProcessStore>(pool, kProcess, requests);
}
Answers<Product> GetProducts(db::Pool& pool, Gets<Product> requests) {
  return GetAll<ProductStore>(pool, kProduct, requests);
}
Answers<OpportunityImport> GetImports(db::Pool& pool, Gets<OpportunityImport> requests) {
  return GetAll<ImportStore>(pool, kImport, requests);
}

List<Opportunity> OpportunitiesLike(db::Pool& pool, const work::Caller& caller,
                                    const OpportunityFilter& filter, const Page& page) {
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return OpportunityStore(tx).List(ScopeOf(caller, kOpportunity), filter, page);
  });
}

List<Quote> QuotesLike(db::Pool& pool, const work::Caller& caller, const QuoteFilter& filter,
                       const Page& page) {
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return QuoteStore(tx).List(ScopeOf(caller, kQuote), filter, page);
  });
}

List<Activity> ActivitiesLike(db::Pool& pool, const work::Caller& caller, const ActivityFilter& filter,
                              const Page& page) {
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return ActivityStore(tx).List(ScopeOf(caller, kActivity), filter, page);
  });
}

List<SalesProcess> SalesProcessesOf(db::Pool& pool, const work::Caller& caller, const std::string& key,
                                    const Page& page) {
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return ProcessStore(tx).List(ScopeOf(caller, kProcess), key, page);
  });
}

List<Product> AllProducts(db::Pool& pool, const work::Caller& caller, const Page& page) {
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return ProductStore(tx).List(ScopeOf(caller, kProduct), page);
  });
}

List<Notification> NotificationsOf(db::Pool& pool, const work::Caller& caller, bool unread_only,
                                   const Page& page) {
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return NotificationStore(tx).List(caller.principal->id, unread_only, page);
  });
}

List<StageMove> StageMovesOf(db::Pool& pool, const work::Caller& caller, const Uuid& opportunity_id) {
  return ReadOf<Opportunity, OpportunityStore>(
      pool, caller, kOpportunity, {"opportunity_id", opportunity_id},
      [&](OpportunityStore& store) { return store.Moves(opportunity_id); });
}

List<Finding> FindingsOf(db::Pool& pool, const work::Caller& caller, const Uuid& import_id,
                         std::optional<Finding::Kind> kind, const FindingPosition& after, int limit) {
  return ReadOf<OpportunityImport, ImportStore>(
      pool, caller, kImport, {"import_id", import_id},
      [&](ImportStore& store) { return store.ListFindings(import_id, kind, after, limit); });
}

}  // namespace crm::opportunity
