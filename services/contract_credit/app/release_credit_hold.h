#pragma once
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/contract_credit/domain/contract.h"

namespace crm::contract {

struct ReleaseCreditHold {
  Uuid contract_id;
  std::string reason;
  std::optional<std::int64_t> etag;
};

// Lets contracts that are held for credit pass, and brings them into force. Replies with the Contract. Items
// fail with CONTRACT_NOT_FOUND, STALE_ETAG, AMOUNT_OVERFLOW, and as ReleaseHold and CheckActivatable do.
std::vector<work::Outcome> ReleaseCreditHolds(work::UnitOfWork& work,
                                              absl::Span<const work::Request<ReleaseCreditHold>> requests);

}  // namespace crm::contract
