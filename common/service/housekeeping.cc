#include "common/service/housekeeping.h"

#include "common/db/transaction.h"
#include "common/telemetry/log.h"

namespace crm::service {
namespace {

constexpr absl::Duration kKeepReplies = absl::Hours(7 * 24);

constexpr db::Statement kForget = {
    "forget_old_replies",
    "DELETE FROM idempotency WHERE key IN"
    " (SELECT key FROM idempotency WHERE create_time < $1 ORDER BY create_time LIMIT 5000)"};

}  // namespace

void ForgetOldReplies(db::Pool& pool) {
  const absl::Status status =
      db::RunTransaction(pool, absl::Now() + absl::Seconds(5), [](db::Transaction& tx) {
        tx.Query(kForget, {tx.now() - kKeepReplies});
        return absl::OkStatus();
      });
  if (!status.ok()) LogWarn("old replies were not deleted: ", status.message());
}

}  // namespace crm::service
