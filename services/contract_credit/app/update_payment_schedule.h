#pragma once
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/contract_credit/domain/contract.h"

namespace crm::contract {

struct UpdatePaymentSchedule {
  Uuid contract_id;
  std::vector<ScheduleLine> lines;
  std::string time_zone;  // IANA, known to this machine; empty = as it is
  std::optional<std::int64_t> etag;
};

// Replaces the payment schedule of contracts that are not in force yet. Replies with the Contract. Items fail
// with CONTRACT_NOT_FOUND, STALE_ETAG, and as ChangeSchedule does.
std::vector<work::Outcome> UpdatePaymentSchedules(
    work::UnitOfWork& work, absl::Span<const work::Request<UpdatePaymentSchedule>> requests);

}  // namespace crm::contract
