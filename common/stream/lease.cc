#include "common/stream/lease.h"

#include "absl/time/clock.h"
#include "common/db/transaction.h"

namespace crm::stream {
namespace {

constexpr db::Statement kTakeLease = {
    "take_lease",
    "INSERT INTO lease (name, owner, epoch, expire_time) VALUES ($1, $2, 1, $4)"
    " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expire_time = excluded.expire_time,"
    "   epoch = CASE WHEN lease.owner = excluded.owner THEN lease.epoch ELSE lease.epoch + 1 END"
    " WHERE lease.owner = excluded.owner OR lease.expire_time <= $3 RETURNING epoch"};

constexpr db::Statement kReleaseLease = {"release_lease",
                                         "UPDATE lease SET expire_time = $3 WHERE name = $1 AND owner = $2"};

}  // namespace

Lease::Lease(db::Pool& pool, std::string name, absl::Duration term)
    : pool_(pool), name_(std::move(name)), term_(term) {}

absl::StatusOr<bool> Lease::Hold() {
  const absl::Time asked = absl::Now();
  if (asked < next_) return held();
  std::int64_t epoch = 0;
  const absl::Status status = db::RunTransaction(pool_, asked + term_ / 3, [&](db::Transaction& tx) {
    const db::Rows rows = tx.Query(kTakeLease, {name_, owner_, tx.now(), tx.now() + term_});
    epoch = rows.empty() ? 0 : rows[0].Next<std::int64_t>();
    return absl::OkStatus();
  });
  epoch_ = status.ok() ? epoch : 0;
  next_ = asked + (status.ok() ? term_ / 3 : absl::Milliseconds(500));
  if (!status.ok()) return status;
  return held();
}

void Lease::Release() {
  if (!held()) return;
  epoch_ = 0;
  next_ = absl::InfinitePast();
  // Failing is harmless: the lease runs out by itself.
  db::RunTransaction(pool_, absl::Now() + absl::Seconds(2), [&](db::Transaction& tx) {
    tx.Query(kReleaseLease, {name_, owner_, tx.now()});
    return absl::OkStatus();
  }).IgnoreError();
}

}  // namespace crm::stream
