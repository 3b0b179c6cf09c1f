#include "services/contract_credit/app/read_contracts.h"

#include "common/work/get.h"
#include "services/contract_credit/storage/payment_store.h"

namespace crm::contract {

std::vector<absl::StatusOr<Contract>> GetContracts(db::Pool& pool,
                                                   absl::Span<const work::Request<GetContract>> requests) {
  return work::GetVisible<Contract>(
      pool, requests, "contract:read",
      [](db::Transaction& tx, const auto& ids) { return ContractStore(tx).Load(ids); });
}

absl::StatusOr<std::vector<Contract>> ContractsLike(db::Pool& pool, const work::Caller& caller,
                                                    const ListContracts& query) {
  const auto scope = auth::Scope::Of(*caller.principal, "contract:read");
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return ContractStore(tx).List(scope, query.filter, query.after, tx.now(), query.limit);
  });
}

absl::StatusOr<std::vector<Payment>> PaymentsOf(db::Pool& pool, const work::Caller& caller,
                                                const ListPayments& query) {
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) -> absl::StatusOr<std::vector<Payment>> {
    auto contracts = ContractStore(tx).Load({query.contract_id});
    if (!work::FindVisible(contracts, query.contract_id, caller, "payment:read"))
      return errors::NotFound("contract", query.contract_id.ToString(), "contract_id");
    return PaymentStore(tx).List(query.contract_id, query.before, query.limit);
  });
}

}  // namespace crm::contract
