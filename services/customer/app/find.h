#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "common/status/errors.h"
#include "common/work/batch.h"
#include "common/work/tracked.h"
#include "services/customer/app/gather.h"

namespace crm::customer {

// The loaded aggregate of this id, unless it is out of the caller's sight.
template <class Aggregate>
Aggregate* FindVisible(work::Tracked<Aggregate>& loaded, const Uuid& id, const work::Caller& caller,
                       std::string_view permission) {
  Aggregate* found = loaded.Find(id);
  if (found == nullptr) return nullptr;
  const auto scope = auth::Scope::Of(*caller.principal, permission);
  return scope.Allows({found->owner_id, found->org_unit_id}) ? found : nullptr;
}

// The loaded aggregate that `item` asks for. Null when there is none or the caller may not see it: the item has
// then failed with NOT_FOUND.
template <class Item, class Aggregate>
Aggregate* Find(Item& item, work::Tracked<Aggregate>& loaded, const Uuid& id, std::string_view permission) {
  Aggregate* found = FindVisible(loaded, id, item.caller(), permission);
  if (found == nullptr) item.Fail(errors::NotFound(Aggregate::kAggregateType, id.ToString()));
  return found;
}

// False when the caller read an older version than this: the item has then failed with STALE_ETAG.
template <class Item, class Aggregate>
bool EtagMatches(Item& item, const Aggregate& aggregate, std::optional<std::int64_t> etag) {
  if (!etag || *etag == aggregate.version) return true;
  item.Fail(errors::StaleEtag(Aggregate::kAggregateType, aggregate.id.ToString()));
  return false;
}

// Answers a set of gets by one statement: `load(tx, ids)`. A query has an id.
template <class Aggregate, class Query, class Load>
std::vector<absl::StatusOr<Aggregate>> GetVisible(db::Pool& pool, absl::Span<const work::Request<Query>> requests,
                                                  std::string_view permission, Load load) {
  std::vector<Uuid> ids;
  for (const auto& request : requests) ids.push_back(request.command.id);

  work::Tracked<Aggregate> loaded;
  const absl::Status read = db::RunReads(pool, LatestDeadline(requests), [&](db::Transaction& tx) {
    loaded = load(tx, Distinct(std::move(ids)));
    return absl::OkStatus();
  });

  std::vector<absl::StatusOr<Aggregate>> answers;
  for (const auto& [caller, query, once] : requests) {
    if (!read.ok())
      answers.push_back(read);
    else if (const Aggregate* found = FindVisible(loaded, query.id, caller, permission))
      answers.push_back(*found);
    else
      answers.push_back(errors::NotFound(Aggregate::kAggregateType, query.id.ToString()));
  }
  return answers;
}

}  // namespace crm::customer
