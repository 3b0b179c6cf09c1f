#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/opportunity/domain/sales_process.h"

namespace crm::opportunity {

// Publishes the next version of each process. Replies with the SalesProcess.
std::vector<work::Outcome> CreateSalesProcesses(work::UnitOfWork& work,
                                                absl::Span<const work::Request<CreateSalesProcess>> requests);

// Publishes the standard process where there is none yet.
absl::Status SeedStandardProcess(work::UnitOfWork& work, db::Pool& pool);

}  // namespace crm::opportunity
