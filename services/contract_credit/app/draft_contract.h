#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/contract_credit/domain/contract.h"

namespace crm::contract {

struct DraftContract {
  AcceptedQuote quote;
};

// Drafts the contract of an accepted quote: one per quote, whoever asks and however often. Its due dates
// count in the customer's time zone, in UTC where none is known. Replies with nothing.
std::vector<work::Outcome> DraftContracts(work::UnitOfWork& work,
                                          absl::Span<const work::Request<DraftContract>> requests);

}  // namespace crm::contract
