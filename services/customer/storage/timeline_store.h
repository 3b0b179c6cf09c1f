#pragma once
#include <vector>

#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/customer/domain/customer_lifecycle.h"
#include "services/customer/domain/interaction.h"

namespace crm::customer {

// A place in a timeline, latest first. The default is its beginning.
struct TimelinePosition {
  absl::Time time = absl::FromUnixSeconds(253402300799);  // the last second of 9999
  Uuid id;
};

// What has happened with customers: touchpoints and moves. Appended and read, never changed.
class TimelineStore {
 public:
  explicit TimelineStore(db::Transaction& tx) : tx_(tx) {}

  // Inserts what is new.
  bool Save(const work::Tracked<Interaction>& interactions);

  // The touchpoints with a customer and with the leads it came from, latest first, behind `after`.
  std::vector<Interaction> Interactions(const Uuid& customer_id, const TimelinePosition& after, int limit);

  // A customer's moves, latest first, behind `after`.
  std::vector<LifecycleMove> LatestMoves(const Uuid& customer_id, const TimelinePosition& after, int limit);

  // The same, oldest first, behind the move `after` (nil: from the first).
  std::vector<LifecycleMove> Moves(const Uuid& customer_id, const Uuid& after, int limit);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::customer
