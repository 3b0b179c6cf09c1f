#include "services/contract_credit/app/update_payment_schedule.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/contract_credit/app/instalment_jobs.h"
#include "services/contract_credit/storage/contract_store.h"

namespace crm::contract {

std::vector<work::Outcome> UpdatePaymentSchedules(
    work::UnitOfWork& work, absl::Span<const work::Request<UpdatePaymentSchedule>> requests) {
  return work.Run<UpdatePaymentSchedule>(
      requests, [](work::Batch<UpdatePaymentSchedule>& batch, db::Transaction& tx) {
        ContractStore store(tx);
        auto contracts = store.Load(work::Gather(batch, &UpdatePaymentSchedule::contract_id));

        for (auto& item : batch.items()) {
          Contract* contract =
              work::Find(item, contracts, {"contract_id", item->contract_id}, "contract:update", item->etag);
          if (contract == nullptr) continue;

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
