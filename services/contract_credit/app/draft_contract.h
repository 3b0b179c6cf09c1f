#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/contract_credit/clients/ask_customers.h"
#include "services/contract_credit/domain/contract.h"

namespace crm::contract {

struct DraftContract {
  AcceptedQuote quote;
  std::string time_zone = {};  // the customer's, where no event has told it here; may be empty
};

// Drafts the contract of an accepted quote: one per quote, whoever asks and however often. Its due dates
// count in the customer's time zone, in UTC where the customer has none. Replies with nothing.
std::vector<work::Outcome> DraftContracts(work::UnitOfWork& work,
                                          absl::Span<const work::Request<DraftContract>> requests);

// The same, but customers not heard of yet are asked for first. Items fail as `ask` does.
std::vector<work::Outcome> DraftContracts(work::UnitOfWork& work, db::Pool& pool, const AskCustomers& ask,
                                          absl::Span<const work::Request<DraftContract>> requests);

}  // namespace crm::contract
