#pragma once
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/db/transaction.h"
#include "common/work/find.h"
#include "common/work/gather.h"

namespace crm::work {
namespace internal {

template <class Answer>
inline constexpr bool kMayFail = false;
template <class Result>
inline constexpr bool kMayFail<absl::StatusOr<Result>> = true;

}  // namespace internal

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
  for (const auto& request : requests) {
    const Uuid& id = request.command.id;
    if (!read.ok())
      answers.push_back(read);
    else if (const Aggregate* found = FindVisible(loaded, id, request.caller, permission))
      answers.push_back(*found);
    else
      answers.push_back(errors::NotFound(Aggregate::kAggregateType, id.ToString()));
  }
  return answers;
}

// One read that runs alone: `read(tx)` answers its result, or its result or a fault.
template <class Read>
auto ReadAlone(db::Pool& pool, const Caller& caller, Read read) {
  using Answer = std::invoke_result_t<Read, db::Transaction&>;
  std::conditional_t<internal::kMayFail<Answer>, Answer, absl::StatusOr<Answer>> answer;
  const absl::Status status = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    answer = read(tx);
    return answer.status();
  });
  if (!status.ok()) answer = status;
  return answer;
}

}  // namespace crm::work
