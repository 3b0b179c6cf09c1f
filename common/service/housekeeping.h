#pragma once
#include "common/db/pool.h"

namespace crm::service {

// Deletes stored replies older than seven days, a few thousand per call. Failures wait for the next call.
void ForgetOldReplies(db::Pool& pool);

}  // namespace crm::service
