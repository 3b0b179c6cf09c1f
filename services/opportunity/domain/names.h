#pragma once
#include <array>
#include <optional>
#include <string_view>

#include "services/opportunity/domain/activity.h"
#include "services/opportunity/domain/opportunity.h"
#include "services/opportunity/domain/opportunity_import.h"
#include "services/opportunity/domain/quote.h"
#include "services/opportunity/domain/sales_process.h"

// The names of the domain's enumerations, as tables, messages and people write them. In order of their
// values.
namespace crm::opportunity {

template <class Enum>
inline constexpr std::array<std::string_view, 0> kNames = {};
template <>
inline constexpr std::array<std::string_view, 4> kNames<Status> = {"OPEN", "WON", "LOST", "ABANDONED"};
template <>
inline constexpr std::array<std::string_view, 4> kNames<Grade> = {"", "A", "B", "C"};
template <>
inline constexpr std::array<std::string_view, 5> kNames<ForecastCategory> = {"PIPELINE", "BEST_CASE",
                                                                             "COMMIT", "CLOSED", "OMITTED"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<Gate::Kind> = {"REQUIRED_FIELD", "COMPLETED_ACTIVITY",
                                                                       "CONTACT_ROLE"};
template <>
inline constexpr std::array<std::string_view, 5> kNames<Activity::Kind> = {"TASK", "VISIT", "CALL", "MEETING",
                                                                           "DEMO"};
template <>
inline constexpr std::array<std::string_view, 4> kNames<Activity::Subject> = {"lead", "customer",
                                                                              "opportunity", "contract"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<Activity::Status> = {"SCHEDULED", "COMPLETED",
                                                                             "CANCELLED"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<Quote::Status> = {"DRAFT", "SUBMITTED", "ACCEPTED"};

template <>
inline constexpr std::array<std::string_view, 3> kNames<Finding::Kind> = {"REJECTED", "REPAIRED", "REPORTED"};

template <class Enum>
constexpr std::string_view Name(Enum value) {
  return kNames<Enum>.at(static_cast<std::size_t>(value));
}

template <class Enum>
constexpr std::optional<Enum> FromName(std::string_view name) {
  for (std::size_t i = 0; i < kNames<Enum>.size(); ++i)
    if (kNames<Enum>[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace crm::opportunity
