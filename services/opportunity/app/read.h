#pragma once
#include <type_traits>

#include "absl/status/statusor.h"
#include "common/work/get.h"

namespace crm::opportunity {

// One read that runs alone: `read(tx)` answers its result.
template <class Read>
auto ReadAlone(db::Pool& pool, const work::Caller& caller, Read read)
    -> absl::StatusOr<std::invoke_result_t<Read, db::Transaction&>> {
  std::invoke_result_t<Read, db::Transaction&> result;
  const absl::Status status = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    result = read(tx);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return result;
}

}  // namespace crm::opportunity
