#pragma once
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/pool.h"

namespace crm::stream {

// One owner per name at a time, by the database's clock; every change of owner advances the epoch, so that
// what an old owner still writes can be told apart. Not thread safe.
class Lease {
 public:
  Lease(db::Pool& pool, std::string name, absl::Duration term);

  // Takes or prolongs the lease when that is due. True while it is held. UNAVAILABLE and the like when the
  // database cannot be asked: then it is no longer held.
  absl::StatusOr<bool> Hold();

  // Gives it back, so that another need not wait for its end.
  void Release();

  bool held() const { return epoch_ != 0; }
  std::int64_t epoch() const { return epoch_; }  // 0 = not held
  const std::string& name() const { return name_; }

 private:
  db::Pool& pool_;
  const std::string name_;
  const absl::Duration term_;
  const Uuid owner_ = Uuid::New();
  std::int64_t epoch_ = 0;
  absl::Time next_;  // when to ask again
};

}  // namespace crm::stream
