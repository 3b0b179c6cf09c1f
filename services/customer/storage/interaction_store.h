#pragma once
#include <optional>
#include <vector>

#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/customer/domain/interaction.h"

namespace crm::customer {

// A place in a timeline, newest first.
struct TimelinePosition {
  absl::Time occurred_time = absl::InfiniteFuture();
  Uuid id;
};

// Touchpoints: appended and read, never changed.
class InteractionStore {
 public:
  explicit InteractionStore(db::Transaction& tx) : tx_(tx) {}

  // Inserts what is new.
  bool Save(const work::Tracked<Interaction>& interactions);

  // Newest first, behind `after`, at most `limit`. A customer's timeline has those of the leads it came from.
  std::vector<Interaction> Timeline(SubjectKind kind, const Uuid& subject_id, const TimelinePosition& after, int limit);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::customer
