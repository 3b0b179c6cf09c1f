#pragma once
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/work/get.h"

namespace crm::opportunity {

template <class Aggregate>
struct Get {
  Uuid id;
};

// Gets of one kind, answered by one load. Items fail with NOT_FOUND, also when out of the caller's sight.
template <class Store, class Aggregate>
std::vector<absl::StatusOr<Aggregate>> GetAll(db::Pool& pool, std::string_view permission,
                                              absl::Span<const work::Request<Get<Aggregate>>> requests) {
  return work::GetVisible<Aggregate>(
      pool, requests, permission,
      [](db::Transaction& tx, const std::vector<Uuid>& ids) { return Store(tx).Load(ids); });
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
