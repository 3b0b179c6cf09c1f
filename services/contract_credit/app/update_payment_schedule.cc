#include "services/contract_credit/app/update_payment_schedule.h"

#include "services/contract_credit/app/find.h"
#include "services/contract_credit/app/instalment_jobs.h"
#include "services/contract_credit/storage/contract_store.h"

namespace crm::contract {

std::vector<work::Outcome> UpdatePaymentSchedules(work::UnitOfWork& work,
                                                  absl::Span<const work::Request<UpdatePaymentSchedule>> requests) {
  return work.Run<UpdatePaymentSchedule>(requests, [](work::Batch<UpdatePaymentSchedule>& batch, db::Transaction& tx) {
    ContractStore store(tx);
    auto contracts = store.Load(Distinct(batch.items(), [](auto& item) { return item->contract_id; }));

    for (auto& item : batch.items()) {
      Contract* contract = Find(item, contracts, item->contract_id, "contract:update");
      if (contract == nullptr || !EtagMatches(item, *contract, item->etag)) continue;

      Contract wanted = *contract;
      if (!item->time_zone.empty()) wanted.time_zone = item->time_zone;
      const auto updated = ChangeSchedule(wanted, item->lines, TodayOf(wanted, batch.now()), batch.now());
      if (!updated.ok()) {
        item.Fail(updated.status());
        continue;
      }
      Apply(*contract, *updated);
      item.Emit(*contract, *updated);
      item.Succeed(*contract);
    }
    batch.Guard(store.Save(contracts));
  });
}

}  // namespace crm::contract
