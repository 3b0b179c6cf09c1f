#pragma once
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/db/transaction.h"
#include "common/work/find.h"
#include "common/work/gather.h"

namespace crm::opportunity {

template <class Aggregate>
struct Get {
  Uuid id;
};

// Gets of one kind, answered by one load. Items fail with NOT_FOUND, also when out of the caller's sight.
template <class Store, class Aggregate>
std::vector<absl::StatusOr<Aggregate>> GetAll(db::Pool& pool, const char* permission,
                                              absl::Span<const work::Request<Get<Aggregate>>> requests) {
  std::vector<Uuid> ids;
  for (const auto& request : requests) ids.push_back(request.command.id);
  work::Tracked<Aggregate> loaded;
  const absl::Status read = db::RunReads(pool, work::LatestDeadline(requests), [&](db::Transaction& tx) {
    loaded = Store(tx).Load(work::Distinct(std::move(ids)));
    return absl::OkStatus();
  });
  std::vector<absl::StatusOr<Aggregate>> answers;
  for (const auto& [caller, query, once] : requests) {
    const Aggregate* found = loaded.Find(query.id);
    if (!read.ok())
      answers.push_back(read);
    else if (found == nullptr || !work::Sees(caller, permission, {found->owner_id, found->org_unit_id}))
      answers.push_back(errors::NotFound(Aggregate::kAggregateType, query.id.ToString()));
    else
      answers.push_back(*found);
  }
  return answers;
}

// One read that runs alone: `read(tx)` answers its result.
template <class Read>
auto ReadAlone(db::Pool& pool, const work::Caller& caller, Read read)
    -> absl::StatusOr<std::invoke_result_t<Read, db::Transaction&>> {
  std::invoke_result_t<Read, db::Transaction&> result;
  const absl::Status status = db::RunReads(pool, caller.deadline, [&](db::Transaction& tx) {
    result = read(tx);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return result;
}

}  // namespace crm::opportunity
