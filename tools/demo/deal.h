#pragma once
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tools/demo/journey.h"

namespace crm::demo {

constexpr int kPatience = 30;  // seconds for an event to arrive

// One lead on its way through Journey.
struct Journey::Deal {
  std::string lead_id, opportunity_id, customer_id, quote_id;
  std::string token;  // the owner's
  Ending ending;
  int number;
  Story story;

  std::string RequestId(const std::string& step) const { return "demo/" + step + "/" + lead_id; }
};

// "2026-03-31", so many days from now.
inline std::string Day(int days_from_now) {
  return absl::FormatTime("%Y-%m-%d", absl::Now() + absl::Hours(24 * days_from_now), absl::UTCTimeZone());
}

}  // namespace crm::demo
