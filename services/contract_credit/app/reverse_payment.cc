#include "services/contract_credit/app/reverse_payment.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/contract_credit/app/activation.h"
#include "services/contract_credit/storage/contract_store.h"
#include "services/contract_credit/storage/credit_account_store.h"
#include "services/contract_credit/storage/payment_store.h"

namespace crm::contract {

std::vector<work::Outcome> ReversePayments(work::UnitOfWork& work,
                                           absl::Span<const work::Request<ReversePayment>> requests) {
  return work.Run<ReversePayment>(requests, [](work::Batch<ReversePayment>& batch, db::Transaction& tx) {
    ContractStore store(tx);
    CreditAccountStore account_store(tx);
    PaymentStore payment_store(tx);
    const auto contract_ids = work::Gather(batch, &ReversePayment::contract_id);
    auto contracts = store.Load(contract_ids);
    auto accounts = account_store.Load(AccountIdsOf(contracts));
    std::map<std::pair<Uuid, Uuid>, Payment> payments;
    for (Payment& payment :
         payment_store.Load(contract_ids, work::Gather(batch, &ReversePayment::payment_id)))
      payments.emplace(std::pair(payment.contract_id, payment.id), std::move(payment));

    std::vector<Payment> taken_back;
    for (auto& item : batch.items()) {
      Contract* contract = work::Find(item, contracts, {"contract_id", item->contract_id}, "payment:reverse");
      if (contract == nullptr) continue;
      const auto payment = payments.find({item->contract_id, item->payment_id});
      if (payment == payments.end()) {
        item.Fail(errors::NotFound("payment", item->payment_id.ToString(), "payment_id"));
        continue;
      }
      const auto reversed = Reverse(*contract, payment->second, item->reason, batch.now());
      if (!reversed.ok()) {
        item.Fail(reversed.status());
        continue;
      }
      payment->second = reversed->payment;
      taken_back.push_back(reversed->payment);
      Record(item, *contract, *reversed);
      if (!reversed->payment.allocations.empty()) {
        CreditAccount& account = AccountOf(*contract, accounts, batch.now());
        Record(item, account,
               ChangeExposure(account, contract->id, reversed->exposure, AccountCause::kPaymentReversed));
      }
      for (const Allocation& allocation : reversed->payment.allocations)
        Chase(item, *contract, *contract->Find(allocation.instalment_number));
      item.Succeed(reversed->payment);
    }
    batch.Guard(store.Save(contracts) && account_store.Save(accounts));
    if (batch.held()) payment_store.MarkReversed(taken_back);
  });
}

}  // namespace crm::contract
