#pragma once
#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace crm {

// The zone that the IANA database has under `name`: "Asia/Shanghai", "UTC". nullopt for anything else, also
// for what the system would take for a zone: paths, "localtime", and the copies under "right/" and "posix/".
// Such names mean another thing on another machine, and PostgreSQL does not know them.
std::optional<absl::TimeZone> FindTimeZone(std::string_view name);

inline bool IsTimeZone(std::string_view name) { return FindTimeZone(name).has_value(); }

}  // namespace crm
