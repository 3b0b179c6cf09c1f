#include "services/contract_credit/app/draft_contract.h"

#include "common/base/time_zone.h"
#include "common/telemetry/log.h"
#include "common/work/gather.h"
#include "services/contract_credit/app/with_customers.h"
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
      const std::string& name = customer == customers.end() ? item->time_zone : customer->second.time_zone;
      const absl::TimeZone zone = FindTimeZone(name).value_or(absl::UTCTimeZone());
      const ContractDrafted drafted =
          Draft(item->quote, zone.name(), absl::ToCivilDay(batch.now(), zone), batch.now());
      if (!drafted.dropped_terms.ok())
        LogWarn("the payment terms of quote ", item->quote.id.ToString(),
                " cannot be kept; its contract is due as a whole: ", drafted.dropped_terms.message());
      item.Emit(contracts.AddNew(drafted.contract), drafted);
    }
    batch.Guard(store.Save(contracts));
  });
}

std::vector<work::Outcome> DraftContracts(work::UnitOfWork& work, db::Pool& pool, const AskCustomers& ask,
                                          absl::Span<const work::Request<DraftContract>> requests) {
  return WithCustomers(
      pool, ask, requests, [](const DraftContract& command) { return command.quote.customer_id; },
      [](DraftContract command, const std::optional<CustomerReference>& customer) {
        if (customer) command.time_zone = customer->time_zone;
        return absl::StatusOr<DraftContract>(std::move(command));
      },
      [&work](auto ready) { return DraftContracts(work, ready); });
}

}  // namespace crm::contract
