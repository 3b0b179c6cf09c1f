#pragma once
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/work/batch.h"
#include "services/contract_credit/domain/payment.h"
#include "services/contract_credit/storage/contract_store.h"

namespace crm::contract {

struct GetContract {
  Uuid id;
};

// Two statements for all. Items fail with CONTRACT_NOT_FOUND, also when out of the caller's sight.
std::vector<absl::StatusOr<Contract>> GetContracts(db::Pool& pool,
                                                   absl::Span<const work::Request<GetContract>> requests);

struct ListContracts {
  ContractFilter filter;
  ContractCursor after;
  int limit = 0;
};

// Newest first; only what the caller sees.
absl::StatusOr<std::vector<Contract>> ContractsLike(db::Pool& pool, const work::Caller& caller,
                                                    const ListContracts& query);

struct ListPayments {
  Uuid contract_id;
  Uuid before;  // the last of the page before; nil: from the newest
  int limit = 0;
};

// Newest first. CONTRACT_NOT_FOUND.
absl::StatusOr<std::vector<Payment>> PaymentsOf(db::Pool& pool, const work::Caller& caller,
                                                const ListPayments& query);

}  // namespace crm::contract
