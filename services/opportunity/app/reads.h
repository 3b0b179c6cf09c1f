#pragma once
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/work/batch.h"
#include "services/opportunity/domain/notification.h"
#include "services/opportunity/domain/product.h"
#include "services/opportunity/domain/queries.h"

namespace crm::opportunity {

template <class Aggregate>
struct Get {
  Uuid id;
};
template <class Aggregate>
using Gets = absl::Span<const work::Request<Get<Aggregate>>>;
template <class Aggregate>
using Answers = std::vector<absl::StatusOr<Aggregate>>;

// Gets: one load for all. Items fail with <RESOURCE>_NOT_FOUND, also when out of the caller's sight.
Answers<Opportunity> GetOpportunities(db::Pool& pool, Gets<Opportunity> requests);
Answers<Quote> GetQuotes(db::Pool& pool, Gets<Quote> requests);
Answers<SalesProcess> GetSalesProcesses(db::Pool& pool, Gets<SalesProcess> requests);
Answers<Product> GetProducts(db::Pool& pool, Gets<Product> requests);
Answers<OpportunityImport> GetImports(db::Pool& pool, Gets<OpportunityImport> requests);

template <class Row>
using List = absl::StatusOr<std::vector<Row>>;

// Lists: alone, newest first (activities: earliest first), only what the caller sees.
List<Opportunity> OpportunitiesLike(db::Pool& pool, const work::Caller& caller,
                                    const OpportunityFilter& filter, const Page& page);
List<Quote> QuotesLike(db::Pool& pool, const work::Caller& caller, const QuoteFilter& filter,
                       const Page& page);
List<Activity> ActivitiesLike(db::Pool& pool, const work::Caller& caller, const ActivityFilter& filter,
                              const Page& page);
List<SalesProcess> SalesProcessesOf(db::Pool& pool, const work::Caller& caller, const std::string& key,
                                    const Page& page);
List<Product> AllProducts(db::Pool& pool, const work::Caller& caller, const Page& page);
// The caller's own.
List<Notification> NotificationsOf(db::Pool& pool, const work::Caller& caller, bool unread_only,
                                   const Page& page);

// Oldest first. OPPORTUNITY_NOT_FOUND.
List<StageMove> StageMovesOf(db::Pool& pool, const work::Caller& caller, const Uuid& opportunity_id);
// By line. IMPORT_NOT_FOUND.
List<Finding> FindingsOf(db::Pool& pool, const work::Caller& caller, const Uuid& import_id,
                         std::optional<Finding::Kind> kind, const FindingPosition& after, int limit);

}  // namespace crm::opportunity
