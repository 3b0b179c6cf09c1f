#pragma once
#include <string>

#include "common/work/codecs.h"

// Codecs for tests of use cases: replies and events in short words.
namespace crm::testing {

// "id@version".
template <class Reply>
void BindShort(work::Codecs& codecs) {
  codecs.BindReply<Reply>(
      [](const Reply& reply) { return reply.id.ToString() + "@" + std::to_string(reply.version); });
}

// The event's name and no payload.
template <class Event>
void BindNamed(work::Codecs& codecs, const char* name) {
  codecs.BindEvent<Event>([name](const Event&) { return outbox::EncodedEvent{name, ""}; });
}

}  // namespace crm::testing
