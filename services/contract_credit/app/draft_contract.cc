#include "services/contract_credit/app/draft_contract.h"

#include "common/work/gather.h"
#include "services/contract_credit/storage/contract_store.h"
#include "services/contract_credit/storage/customer_reference_store.h"

namespace crm::contract {

std::vector<work::Outcome> DraftContracts(work::UnitOfWork& work,
                                          absl::Span<const work::Request<DraftContract>> requests) {
  return work.Run<DraftContract>(requests, [](work::Batch<DraftContract>& batch, db::Transaction& tx) {
    ContractStore store(tx);
    auto contracts =
        store.Load(work::Gather(batch, [](const auto& command) { return ContractId(command.quote.id); }));
    const auto customers = CustomerReferenceStore(tx).Load(
        work::Gather(batch, [](const auto& command) { return command.quote.customer_id; }));

    for (auto& item : batch.items()) {
      if (contracts.Find(ContractId(item->quote.id)) != nullptr) continue;
      const auto customer = customers.find(item->quote.customer_id);
      const std::string zone_name = customer == customers.end() ? "" : customer->second.time_zone;
      absl::TimeZone zone;
      const bool known = !zone_name.empty() && absl::LoadTimeZone(zone_name, &zone);
      const ContractDrafted drafted =
          Draft(item->quote, known ? zone_name : "UTC", absl::ToCivilDay(batch.now(), zone), batch.now());
      item.Emit(contracts.AddNew(drafted.contract), drafted);
    }
    batch.Guard(store.Save(contracts));
  });
}

}  // namespace crm::contract
