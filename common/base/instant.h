#pragma once
#include <cstdint>

#include "absl/time/time.h"

namespace crm {

// Whether `time` can be kept and sent: it lies in the years 1 to 9999 UTC.
inline bool IsRepresentable(absl::Time time) {
  constexpr std::int64_t kFirst = -62135596800, kEnd = 253402300800;  // seconds since 1970
  return absl::FromUnixSeconds(kFirst) <= time && time < absl::FromUnixSeconds(kEnd);
}

}  // namespace crm
