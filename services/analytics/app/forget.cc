#include "services/analytics/app/forget.h"

#include "common/db/transaction.h"
#include "services/analytics/storage/rollup_store.h"

namespace crm::analytics {

absl::Status Forget(db::Pool& pool) {
  return db::RunTransaction(pool, absl::InfiniteFuture(), [](db::Transaction& tx) {
    DeleteProjections(tx);
    return absl::OkStatus();
  });
}

}  // namespace crm::analytics
