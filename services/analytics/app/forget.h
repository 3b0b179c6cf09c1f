#pragma once
#include "absl/status/status.h"
#include "common/db/pool.h"

namespace crm::analytics {

// Forgets everything counted and heard, in one transaction, so that the consumer reads every log from its
// beginning and counts again. Not while a consumer of this service runs.
absl::Status Forget(db::Pool& pool);

}  // namespace crm::analytics
