#pragma once
#include <optional>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace crm::opportunity {

// A place in a list that is ordered by time and id.
struct Position {
  absl::Time time;
  Uuid id;
};

// The part of a list behind a place, or its beginning.
struct Page {
  std::optional<Position> after;
  int limit = 50;
};

inline std::optional<absl::Time> TimeOf(const Page& page) {
  return page.after ? std::optional(page.after->time) : std::nullopt;
}
inline std::optional<Uuid> IdOf(const Page& page) {
  return page.after ? std::optional(page.after->id) : std::nullopt;
}

}  // namespace crm::opportunity
