#pragma once
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/db/transaction.h"
#include "common/work/find.h"
#include "common/work/gather.h"

namespace crm::work {

// The loaded aggregate of this id, unless there is none or it is out of the caller's sight.
template <class Aggregate>
Aggregate* FindVisible(Tracked<Aggregate>& loaded, const Uuid& id, const Caller& caller,
                       std::string_view permission) {
  Aggregate* found = loaded.Find(id);
  if (found == nullptr || !Sees(caller, permission, {found->owner_id, found->org_unit_id})) return nullptr;
  return found;
}

// Answers a set of gets by one statement: `load(tx, ids)` gives the Tracked<Aggregate>. A query has an `id`.
template <class Aggregate, class Query, class Load>
std::vector<absl::StatusOr<Aggregate>> GetVisible(db::Pool& pool, absl::Span<const Request<Query>> requests,
                                                  std::string_view permission, Load load) {
  std::vector<Uuid> ids;
  for (const auto& request : requests) ids.push_back(request.command.id);
  ids = Distinct(std::move(ids));

  Tracked<Aggregate> loaded;
  const absl::Status read = db::RunStatements(pool, LatestDeadline(requests), [&](db::Transaction& tx) {
    loaded = load(tx, ids);
    return absl::OkStatus();
  });

  std::vector<absl::StatusOr<Aggregate>> answers;
  answers.reserve(requests.size());
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

}  // namespace crm::work
