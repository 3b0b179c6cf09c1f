#pragma once
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/work/unit_of_work.h"
#include "services/customer/domain/interaction.h"
#include "services/customer/storage/interaction_store.h"

namespace crm::customer {

struct LogInteraction {
  Interaction interaction;  // without id, owner and create time
};

// Append-only. Who spoke to a decision maker has met one. Replies with the Interaction. Items fail with
// CUSTOMER_NOT_FOUND or LEAD_NOT_FOUND (the subject), CONTACT_NOT_FOUND, INVALID_FIELDS (in the future).
std::vector<work::Outcome> LogInteractions(work::UnitOfWork& work,
                                           absl::Span<const work::Request<LogInteraction>> requests);

struct ListTimeline {
  SubjectKind subject_kind = SubjectKind::kCustomer;
  Uuid subject_id;
  TimelinePosition after;
  int limit = 0;
};

// Newest first; a customer's has those of the leads it came from. CUSTOMER_NOT_FOUND, LEAD_NOT_FOUND.
absl::StatusOr<std::vector<Interaction>> TimelineOf(db::Pool& pool, const work::Request<ListTimeline>& request);

}  // namespace crm::customer
