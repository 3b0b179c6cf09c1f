#include "services/customer/app/timeline.h"

#include <algorithm>
#include <tuple>

#include "common/work/get.h"
#include "services/customer/storage/customer_store.h"

namespace crm::customer {
namespace {

// OK when the customer is there and the caller sees it.
absl::Status CheckVisible(db::Transaction& tx, const work::Caller& caller, const Uuid& customer_id,
                          std::string_view permission) {
  auto customers = CustomerStore(tx).Load({customer_id});
  if (work::FindVisible(customers, customer_id, caller, permission) == nullptr)
    return errors::NotFound("customer", customer_id.ToString(), "customer_id");
  return absl::OkStatus();
}

}  // namespace

TimelinePosition PositionOf(const TimelineEntry& entry) {
  if (const auto* move = std::get_if<LifecycleMove>(&entry)) return {move->time, move->id};
  const auto& interaction = std::get<Interaction>(entry);
  return {interaction.occurred_time, interaction.id};
}

absl::StatusOr<std::vector<TimelineEntry>> TimelineOf(db::Pool& pool,
                                                      const work::Request<ListTimeline>& request) {
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  using Entries = std::vector<TimelineEntry>;
  auto entries = work::ReadAlone(pool, caller, [&](db::Transaction& tx) -> absl::StatusOr<Entries> {
    if (absl::Status seen = CheckVisible(tx, caller, query.customer_id, "interaction:read"); !seen.ok())
      return seen;
    TimelineStore store(tx);
    Entries entries;
    for (auto& interaction : store.Interactions(query.customer_id, query.after, query.limit))
      entries.emplace_back(std::move(interaction));
    for (auto& move : store.LatestMoves(query.customer_id, query.after, query.limit))
      entries.emplace_back(std::move(move));
    return entries;
  });
  if (!entries.ok()) return entries;

  std::ranges::sort(*entries, [](const TimelineEntry& a, const TimelineEntry& b) {
    const TimelinePosition left = PositionOf(a), right = PositionOf(b);
    return std::tie(right.time, right.id) < std::tie(left.time, left.id);
  });
  if (entries->size() > static_cast<std::size_t>(query.limit))
    entries->resize(static_cast<std::size_t>(query.limit));
  return entries;
}

absl::StatusOr<std::vector<LifecycleMove>> MovesOf(db::Pool& pool,
                                                   const work::Request<ListLifecycleMoves>& request) {
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  return work::ReadAlone(
      pool, caller, [&](db::Transaction& tx) -> absl::StatusOr<std::vector<LifecycleMove>> {
        if (absl::Status seen = CheckVisible(tx, caller, query.customer_id, "customer:read"); !seen.ok())
          return seen;
        return TimelineStore(tx).Moves(query.customer_id, query.after, query.limit);
      });
}

}  // namespace crm::customer
