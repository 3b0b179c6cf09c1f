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
  std::vector<Contract> contracts;
  const absl::Status read = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    contracts = ContractStore(tx).List(scope, query.filter, query.after, tx.now(), query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return contracts;
}

absl::StatusOr<std::vector<Payment>> PaymentsOf(db::Pool& pool, const work::Caller& caller,
                                                const ListPayments& query) {
  std::vector<Payment> payments;
  const absl::Status read = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    auto contracts = ContractStore(tx).Load({query.contract_id});
    const Contract* contract = contracts.Find(query.contract_id);
    if (contract == nullptr ||
        !work::Sees(caller, "payment:read", {contract->owner_id, contract->org_unit_id}))
      return errors::NotFound("contract", query.contract_id.ToString(), "contract_id");
    payments = PaymentStore(tx).List(query.contract_id, query.before, query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return payments;
}

}  // namespace crm::contract
