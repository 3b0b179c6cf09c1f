#pragma once
#include <cstdint>

#include "absl/time/time.h"

namespace crm {

// From and to a google.protobuf.Timestamp, which this room does not know, in microseconds: what is kept.
template <class Timestamp>
absl::Time ToTime(const Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Microseconds(timestamp.nanos() / 1000);
}

template <class Timestamp>
void SetTimestamp(Timestamp& timestamp, absl::Time time) {
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<std::int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Microseconds(1)) * 1000);
}

}  // namespace crm
