#include "services/opportunity/app/complete_activity.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/opportunity/storage/activity_store.h"

namespace crm::opportunity {

std::vector<work::Outcome> CompleteActivities(work::UnitOfWork& work,
                                              absl::Span<const work::Request<CompleteActivity>> requests) {
  return work.Run<CompleteActivity>(requests, [](work::Batch<CompleteActivity>& batch, db::Transaction& tx) {
    ActivityStore store(tx);
    auto activities = store.Load(Gather(batch, &CompleteActivity::id));
    for (auto& item : batch.items()) {
      Activity* activity = Find(item, activities, item->id, "activity:update", item->expected_version);
      if (activity == nullptr) continue;

      const auto completed = Complete(*activity, *item, batch.now());
      if (!completed.ok()) {
        item.Fail(completed.status());
        continue;
      }
      *activity = completed->activity;
      item.Emit(*activity, *completed);
      item.Succeed(*activity);
    }
    batch.Guard(store.Save(activities));
  });
}

}  // namespace crm::opportunity
