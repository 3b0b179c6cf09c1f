#pragma once
#include <optional>

#include "services/opportunity/domain/queries.h"

namespace crm::opportunity {

// A page's place as parameters; NULL at the beginning of a list.
inline std::optional<absl::Time> TimeOf(const Page& page) {
  return page.after ? std::optional(page.after->time) : std::nullopt;
}
inline std::optional<Uuid> IdOf(const Page& page) {
  return page.after ? std::optional(page.after->id) : std::nullopt;
}

}  // namespace crm::opportunity
