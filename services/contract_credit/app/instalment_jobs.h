#pragma once
#include <string>
#include <string_view>

#include "common/base/time_zone.h"
#include "services/contract_credit/domain/contract.h"

// The two jobs that chase an instalment: at the beginning of its due date, and of the day after.
namespace crm::contract {

inline constexpr std::string_view kReminderQueue = "reminders";
inline constexpr std::string_view kInstalmentDueJob = "instalment_due";
inline constexpr std::string_view kInstalmentOverdueJob = "instalment_overdue";

inline std::string JobKey(std::string_view kind, const Contract& c, int number) {
  return std::string(kind) + "/" + c.id.ToString() + "/" + std::to_string(number);
}

// The zone that the contract names; it was checked when it was set.
inline absl::TimeZone ZoneOf(const Contract& c) {
  return FindTimeZone(c.time_zone).value_or(absl::UTCTimeZone());
}

inline absl::CivilDay TodayOf(const Contract& c, absl::Time now) { return absl::ToCivilDay(now, ZoneOf(c)); }

// Schedules what has not been announced of what is not paid, and calls off the rest.
template <class Item>
void Chase(Item& item, const Contract& c, const Instalment& instalment) {
  const auto plan = [&](std::string_view kind, bool wanted, absl::Time due) {
    std::string key = JobKey(kind, c, instalment.number);
    if (!wanted) return item.CancelJob(std::move(key));
    item.Schedule({std::string(kind), std::string(kReminderQueue), std::move(key), c.id, due,
                   std::to_string(instalment.number)});
  };
  if (!instalment.due_date) return;
  const absl::TimeZone zone = ZoneOf(c);
  plan(kInstalmentDueJob, !instalment.paid() && !instalment.due_time, DueAt(*instalment.due_date, zone));
  plan(kInstalmentOverdueJob, !instalment.paid() && !instalment.overdue_time,
       OverdueAt(*instalment.due_date, zone));
}

}  // namespace crm::contract
