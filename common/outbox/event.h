#pragma once
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/base/uuid.h"

namespace crm::outbox {

// An event's payload: `type` is its name ("LeadCaptured"), `envelope` a serialized crm.event.v1.Event of
// which only the payload is set.
struct EncodedEvent {
  std::string type;
  std::string envelope;
};

// An event on its way to the outbox.
struct PendingEvent {
  std::string aggregate_type;
  Uuid aggregate_id;
  std::int64_t aggregate_seq = 0;
  absl::Time occurred_time = absl::InfinitePast();  // InfinitePast = when it is recorded
  EncodedEvent event;
};

}  // namespace crm::outbox
