#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/contract_credit/domain/contract.h"

namespace crm::contract {

enum class Announcement { kDue, kOverdue };

struct AnnounceInstalment {
  Uuid contract_id;
  int number = 0;
  Announcement what = Announcement::kDue;
};

// Says what the calendar says of instalments that are not paid: they are due, or overdue, which is
// what their owner is told; what is due counts as receivable. What is overdue and was never said to be due
// becomes both. What there is nothing to say about is done without effect. Replies with nothing. Run by the
// jobs of instalment_jobs.h.
std::vector<work::Outcome> AnnounceInstalments(work::UnitOfWork& work,
                                               absl::Span<const work::Request<AnnounceInstalment>> requests);

}  // namespace crm::contract
