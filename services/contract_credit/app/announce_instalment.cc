#include "services/contract_credit/app/announce_instalment.h"

#include "common/work/gather.h"
#include "services/contract_credit/app/activation.h"
#include "services/contract_credit/storage/contract_store.h"
#include "services/contract_credit/storage/credit_account_store.h"

namespace crm::contract {

std::vector<work::Outcome> AnnounceInstalments(work::UnitOfWork& work,
                                               absl::Span<const work::Request<AnnounceInstalment>> requests) {
  return work.Run<AnnounceInstalment>(requests, [](work::Batch<AnnounceInstalment>& batch,
                                                   db::Transaction& tx) {
    ContractStore store(tx);
    CreditAccountStore account_store(tx);
    auto contracts = store.Load(work::Gather(batch, &AnnounceInstalment::contract_id));
    auto accounts = account_store.Load(AccountIdsOf(contracts));

    for (auto& item : batch.items()) {
      Contract* contract = contracts.Find(item->contract_id);
      if (contract == nullptr) continue;
      const absl::CivilDay today = TodayOf(*contract, batch.now());

      if (const auto due = AnnounceDue(*contract, item->number, today, batch.now())) {
        Record(item, *contract, *due);
        const std::int64_t moved = contract->Find(item->number)->outstanding_minor();
        CreditAccount& account = AccountOf(*contract, accounts, batch.now());
        Record(item, account,
               ChangeExposure(account, contract->id, {.receivable_minor = moved, .uninvoiced_minor = -moved},
                              AccountCause::kInstalmentDue));
      }
      if (item->what == Announcement::kDue) continue;
      if (const auto overdue = AnnounceOverdue(*contract, item->number, today, batch.now()))
        Record(item, *contract, *overdue);
    }
    batch.Guard(store.Save(contracts) && account_store.Save(accounts));
  });
}

}  // namespace crm::contract
