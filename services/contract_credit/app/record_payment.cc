#include "services/contract_credit/app/record_payment.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/contract_credit/app/activation.h"
#include "services/contract_credit/storage/contract_store.h"
#include "services/contract_credit/storage/credit_account_store.h"
#include "services/contract_credit/storage/payment_store.h"

namespace crm::contract {

std::vector<work::Outcome> RecordPayments(work::UnitOfWork& work,
                                          absl::Span<const work::Request<RecordPayment>> requests) {
  return work.Run<RecordPayment>(requests, [](work::Batch<RecordPayment>& batch, db::Transaction& tx) {
    ContractStore store(tx);
    CreditAccountStore account_store(tx);
    auto contracts = store.Load(work::Gather(batch, &RecordPayment::contract_id));
    auto accounts = account_store.Load(AccountIdsOf(contracts));

    std::vector<Payment> payments;
    for (auto& item : batch.items()) {
      Contract* contract = work::Find(item, contracts, {"contract_id", item->contract_id}, "payment:create");
      if (contract == nullptr) continue;

      PaymentTerms terms = item->terms;
      terms.id = Uuid::New();
      terms.recorded_by = item.caller().principal->id;
      const auto received = Receive(*contract, terms, batch.now());
      if (!received.ok()) {
        item.Fail(received.status());
        continue;
      }
      Apply(*contract, *received);
      item.Emit(*contract, *received, received->payment.received_time);
      payments.push_back(received->payment);
      if (!received->payment.allocations.empty()) {
        CreditAccount& account = AccountOf(*contract, accounts, batch.now());
        Record(item, account,
               ChangeExposure(account, contract->id, received->exposure, AccountCause::kPaymentReceived));
      }
      for (const Allocation& allocation : received->payment.allocations)
        Chase(item, *contract, *contract->Find(allocation.instalment_number));
      if (IsFulfilled(*contract)) Record(item, *contract, Complete(*contract, batch.now()));
      item.Succeed(received->payment);
    }
    batch.Guard(store.Save(contracts) && account_store.Save(accounts));
    if (batch.held()) PaymentStore(tx).Insert(payments);
  });
}

}  // namespace crm::contract
