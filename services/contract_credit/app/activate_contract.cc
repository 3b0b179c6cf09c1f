#include "services/contract_credit/app/activate_contract.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/contract_credit/app/activation.h"
#include "services/contract_credit/storage/contract_store.h"
#include "services/contract_credit/storage/credit_account_store.h"

namespace crm::contract {
namespace {

// A contract that is held already stays as it is.
template <class Item>
void HoldForCredit(Item& item, Contract& c, CreditAccount& account, const CreditDecision& decision,
                   absl::Time now) {
  if (c.status == ContractStatus::kPendingCredit) return;
  Record(item, c, Hold(c, decision, now));
  Record(item, account, CreditHeld{account, c.id, c.total.minor_units, decision.reasons});
  item.Emit(c, HoldAnnounced{c});
}

}  // namespace

std::vector<work::Outcome> ActivateContracts(work::UnitOfWork& work,
                                             absl::Span<const work::Request<ActivateContract>> requests) {
  return work.Run<ActivateContract>(requests, [](work::Batch<ActivateContract>& batch, db::Transaction& tx) {
    ContractStore store(tx);
    CreditAccountStore account_store(tx);
    auto contracts = store.Load(work::Gather(batch, &ActivateContract::contract_id));
    auto accounts = account_store.Load(AccountIdsOf(contracts));

    for (auto& item : batch.items()) {
      Contract* contract =
          work::Find(item, contracts, {"contract_id", item->contract_id}, "contract:activate", item->etag);
      if (contract == nullptr) continue;
      if (auto bad = CheckActivatable(*contract, TodayOf(*contract, batch.now())); !bad.ok()) {
        item.Fail(std::move(bad));
        continue;
      }
      CreditAccount& account = AccountOf(*contract, accounts, batch.now());
      const CreditDecision decision = CheckCredit(account, contract->total.minor_units, batch.now());
      if (decision.approved()) {
        const CreditReserved reserved =
            Reserve(account, contract->id, contract->total.minor_units, batch.now()).value();
        BringIntoForce(item, *contract, account, reserved, batch.now());
      } else {
        HoldForCredit(item, *contract, account, decision, batch.now());
      }
      item.Succeed(*contract);
    }
    batch.Guard(store.Save(contracts) && account_store.Save(accounts));
  });
}

}  // namespace crm::contract
