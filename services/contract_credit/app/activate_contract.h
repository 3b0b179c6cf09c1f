#pragma once
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/contract_credit/domain/contract.h"

namespace crm::contract {

struct ActivateContract {
  Uuid contract_id;
  std::optional<std::int64_t> etag;
};

// Brings contracts into force where the customer's credit carries them; holds them (PENDING_CREDIT) where it
// does not. Replies with the Contract. Items fail with CONTRACT_NOT_FOUND, STALE_ETAG, and as
// CheckActivatable does.
std::vector<work::Outcome> ActivateContracts(work::UnitOfWork& work,
                                             absl::Span<const work::Request<ActivateContract>> requests);

}  // namespace crm::contract
