#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/opportunity/domain/quote.h"

namespace crm::opportunity {

// Drafts quotes for open opportunities, of which they take over customer, owner and unit. Replies with the
// Quote. Items fail with OPPORTUNITY_NOT_FOUND, PRODUCT_NOT_FOUND, ILLEGAL_STATE_MOVE unless the opportunity
// is open, NO_PRICE, and what Price answers.
std::vector<work::Outcome> CreateQuotes(work::UnitOfWork& work,
                                        absl::Span<const work::Request<CreateQuote>> requests);

// Replies with the Quote. Items fail with QUOTE_NOT_FOUND, STALE_ETAG, and what Submit answers.
std::vector<work::Outcome> SubmitQuotes(work::UnitOfWork& work,
                                        absl::Span<const work::Request<SubmitQuote>> requests);

// Accepts quotes and wins their opportunities, each pair in one transaction. Replies with the Quote. Items
// fail with QUOTE_NOT_FOUND, STALE_ETAG, and what Accept and Win answer.
std::vector<work::Outcome> AcceptQuotes(work::UnitOfWork& work,
                                        absl::Span<const work::Request<AcceptQuote>> requests);

}  // namespace crm::opportunity
