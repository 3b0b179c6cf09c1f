#include "services/contract_credit/app/set_credit_limit.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/contract_credit/app/activation.h"
#include "services/contract_credit/storage/credit_account_store.h"
#include "services/contract_credit/storage/customer_reference_store.h"

namespace crm::contract {

std::vector<work::Outcome> SetCreditLimits(work::UnitOfWork& work,
                                           absl::Span<const work::Request<SetCreditLimit>> requests) {
  return work.Run<SetCreditLimit>(requests, [](work::Batch<SetCreditLimit>& batch, db::Transaction& tx) {
    const auto account_id = [](const SetCreditLimit& command) {
      return CreditAccountId(command.customer_id, command.limit.currency);
    };
    CreditAccountStore store(tx);
    auto accounts = store.Load(work::Gather(batch, account_id));
    const auto customers =
        CustomerReferenceStore(tx).Load(work::Gather(batch, &SetCreditLimit::customer_id));

    for (auto& item : batch.items()) {
      if (accounts.Find(account_id(*item)) == nullptr) {
        const auth::Principal& caller = *item.caller().principal;
        CreditAccount opened =
            EmptyAccount(item->customer_id, item->limit.currency, caller.id, caller.org_unit_id, batch.now());
        if (const auto known = customers.find(item->customer_id); known != customers.end()) {
          opened.customer_name = known->second.name;
          opened.owner_id = known->second.owner_id;
          opened.org_unit_id = known->second.org_unit_id;
        }
        accounts.AddNew(std::move(opened));
      }
      CreditAccount* account = work::Find(item, accounts, account_id(*item), "credit_account:update", item->etag);
      if (account == nullptr) continue;
      const auto changed = SetLimit(*account, item->limit.minor_units, item->expire_time, batch.now());
      if (!changed.ok()) {
        item.Fail(changed.status());
        continue;
      }
      Record(item, *account, *changed);
      item.Succeed(*account);
    }
    batch.Guard(store.Save(accounts));
  });
}

}  // namespace crm::contract
