#include "services/customer/app/change_lifecycle.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/customer/app/customer_changes.h"
#include "services/customer/storage/customer_store.h"

namespace crm::customer {

std::vector<work::Outcome> OverrideLifecycles(work::UnitOfWork& work,
                                              absl::Span<const work::Request<OverrideLifecycle>> requests) {
  return work.Run<OverrideLifecycle>(requests, [](work::Batch<OverrideLifecycle>& batch,
                                                  db::Transaction& tx) {
    CustomerStore store(tx);
    auto customers = store.Load(work::Gather(batch, [](const auto& c) { return c.customer_id; }));
    std::vector<LifecycleMove> moves;
    for (auto& item : batch.items()) {
      Customer* customer = work::Find(item, customers, item->customer_id, "customer:override", item->etag);
      if (customer == nullptr) continue;
      if (absl::Status may = MayOverride(*customer, item->to); !may.ok()) {
        item.Fail(may);
        continue;
      }
      Move(item, *customer, item->to, LifecycleCause::kManagerOverride, item->reason, Uuid(), batch.now(),
           moves);
      item.Succeed(*customer);
    }
    batch.Guard(store.Save(customers, moves));
  });
}

std::vector<work::Outcome> RecordCustomerFacts(work::UnitOfWork& work,
                                               absl::Span<const work::Request<RecordCustomerFact>> requests) {
  return work.Run<RecordCustomerFact>(
      requests, [](work::Batch<RecordCustomerFact>& batch, db::Transaction& tx) {
        CustomerStore store(tx);
        auto customers = store.Load(work::Gather(batch, [](const auto& c) { return c.customer_id; }));
        std::vector<LifecycleMove> moves;
        for (auto& item : batch.items())
          if (Customer* customer = customers.Find(item->customer_id))
            MoveBecause(item, *customer, item->fact, item->cause_id, batch.now(), moves);
        batch.Guard(store.Save(customers, moves));
      });
}

}  // namespace crm::customer
