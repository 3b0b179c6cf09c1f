#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace crm {

// When people work: intervals per weekday in an IANA time zone. Computes deadlines in business time.
// Immutable; pure.
class WorkCalendar {
 public:
  // Minutes after local midnight, [begin, end), 0 ≤ begin < end ≤ 1440.
  struct Interval {
    int begin = 0, end = 0;
    friend bool operator==(const Interval&, const Interval&) = default;
  };
  using Week = std::array<std::vector<Interval>, 7>;  // Monday first

  // nullopt when the zone is unknown or intervals are malformed, overlap or are out of order.
  static std::optional<WorkCalendar> Make(std::string_view time_zone, Week week);

  // Monday to Friday, 9:00–12:00 and 13:00–18:00.
  static Week OfficeHours();
  // Every minute of every day.
  static Week AlwaysOpen();

  // The instant when `duration` (≥ 0) of business time has passed since `start`. With a duration of zero the
  // first working instant at or after `start`. InfiniteFuture when that is more than ten years away.
  absl::Time Add(absl::Time start, absl::Duration duration) const;

 private:
  WorkCalendar(absl::TimeZone zone, Week week) : zone_(zone), week_(std::move(week)) {}

  absl::TimeZone zone_;
  Week week_;
};

}  // namespace crm
