#include "services/contract_credit/app/release_credit_hold.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/contract_credit/app/activation.h"
#include "services/contract_credit/storage/contract_store.h"
#include "services/contract_credit/storage/credit_account_store.h"

namespace crm::contract {

std::vector<work::Outcome> ReleaseCreditHolds(work::UnitOfWork& work,
                                              absl::Span<const work::Request<ReleaseCreditHold>> requests) {
  return work.Run<ReleaseCreditHold>(
      requests, [](work::Batch<ReleaseCreditHold>& batch, db::Transaction& tx) {
        ContractStore store(tx);
        CreditAccountStore account_store(tx);
        auto contracts = store.Load(work::Gather(batch, &ReleaseCreditHold::contract_id));
        auto accounts = account_store.Load(AccountIdsOf(contracts));

        for (auto& item : batch.items()) {
          Contract* contract = work::Find(item, contracts, {"contract_id", item->contract_id},
                                          "credit_hold:release", item->etag);
          if (contract == nullptr) continue;

          const Uuid& by = item.caller().principal->id;
          const auto released = ReleaseHold(*contract, by, item->reason, batch.now());
          if (!released.ok()) {
            item.Fail(released.status());
            continue;
          }
          if (auto bad = CheckActivatable(*contract, TodayOf(*contract, batch.now())); !bad.ok()) {
            item.Fail(std::move(bad));
            continue;
          }
          CreditAccount& account = AccountOf(*contract, accounts, batch.now());
          const auto reserved = ReserveReleased(account, contract->id, contract->total.minor_units);
          if (!reserved.ok()) {
            item.Fail(reserved.status());
            continue;
          }
          contract->hold = *released;
          item.Emit(account, CreditHoldReleased{account, contract->id, item->reason});
          BringIntoForce(item, *contract, account, *reserved, batch.now());
          item.Succeed(*contract);
        }
        batch.Guard(store.Save(contracts) && account_store.Save(accounts));
      });
}

}  // namespace crm::contract
