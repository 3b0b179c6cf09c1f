#pragma once
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/stream/consumer.h"
#include "common/work/unit_of_work.h"
#include "services/analytics/domain/recorded.h"

namespace crm::analytics {

// What an event is to analytics. INVALID_ARGUMENT when an id or a day in it cannot be read.
absl::StatusOr<Recorded> ToRecorded(const stream::Event& event, absl::TimeZone zone);

// Counts what this service hears, events of all kinds in common sets. Days are days in `zone`.
void Hear(stream::Consumer& consumer, work::UnitOfWork& work, absl::TimeZone zone);

}  // namespace crm::analytics
