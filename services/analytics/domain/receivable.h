#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/analytics/domain/rollup.h"

namespace crm::analytics {

// Days after the due date: 0 or less is current.
enum class AgeBucket { kCurrent, k1To30, k31To60, k61To90, kOver90 };
inline constexpr int kAgeBuckets = 5;
AgeBucket AgeOf(absl::CivilDay due, absl::CivilDay as_of);

struct InstalmentSeen {
  Uuid id{};
  std::string currency{};
  std::int64_t amount_minor = 0;
  absl::CivilDay due_day{};
};

// What an event says of a contract, as it is after it. `owed`: it is or was in force, so what is not paid is
// owed.
struct ContractSeen {
  Uuid id{}, owner_id{}, org_unit_id{};
  bool owed = false;
  std::vector<InstalmentSeen> instalments{};
  absl::Time occurred_time{};
};

// Parts of a payment (positive), or of its reversal (negative). May be of an aggregate of its own, so it may
// come before its contract is known.
struct PaymentSeen {
  struct Part {
    Uuid contract_id, instalment_id;
    std::int64_t amount_minor = 0;
  };
  std::vector<Part> parts;
  absl::CivilDay day;
};

struct Instalment {
  struct Early {  // a payment that came before its contract was known to be owed
    absl::CivilDay day;
    std::int64_t amount_minor = 0;
  };
  Uuid id{};
  std::string currency{};  // empty until the contract is known
  std::int64_t amount_minor = 0, paid_minor = 0;
  absl::CivilDay due_day{};
  std::vector<Early> early{};
};

// What one contract's customer owes, instalment by instalment.
struct Receivable {
  Uuid id, owner_id, org_unit_id;  // id of the contract
  std::int64_t version = 0;
  bool owed = false;
  absl::CivilDay owed_day;  // since when
  absl::CivilDay last_day;
  std::vector<Instalment> instalments;  // sorted by id
};

void Apply(Receivable& receivable, const ContractSeen& event, int shard, const absl::TimeZone& zone,
           Deltas& deltas);
// A payment that was received before the contract was owed counts from the day it is.
void Apply(Receivable& receivable, const Uuid& instalment_id, std::int64_t amount_minor, absl::CivilDay day,
           int shard, Deltas& deltas);

// "2026-01-31:500,2026-02-28:-20": how a table keeps them.
std::string EarlyText(const std::vector<Instalment::Early>& early);
std::vector<Instalment::Early> ParseEarly(std::string_view text);

}  // namespace crm::analytics
