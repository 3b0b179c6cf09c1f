#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/opportunity/domain/activity.h"
#include "services/opportunity/domain/opportunity.h"
#include "services/opportunity/domain/opportunity_import.h"
#include "services/opportunity/domain/quote.h"

// What is asked of lists, and what histories consist of.
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

// Filters are joined by "and"; what is empty filters nothing.
struct OpportunityFilter {
  std::optional<Uuid> owner_id, org_unit_id, customer_id;
  std::optional<Status> status;
  std::string stage, external_id;
};
struct ActivityFilter {
  std::optional<Uuid> owner_id, subject_id;
  std::optional<Activity::Status> status;
};
struct QuoteFilter {
  std::optional<Uuid> opportunity_id;
  std::optional<Quote::Status> status;
};

// A line of an opportunity's history.
struct StageMove {
  Uuid opportunity_id;
  std::int64_t sequence = 0;  // the opportunity's version when it moved
  std::string from_stage;     // empty: it came into being
  std::string to_stage;       // a stage, or WON, LOST
  absl::Time time;
  bool gates_skipped = false;
  Uuid actor_id;
};

// Behind which finding of an import a page begins.
struct FindingPosition {
  std::int64_t line = 0;
  int ordinal = 0;
};

}  // namespace crm::opportunity
