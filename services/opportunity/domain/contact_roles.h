#pragma once
#include <algorithm>
#include <array>
#include <string_view>

namespace crm::opportunity {

// The parts that people play in a purchase.
inline constexpr std::array<std::string_view, 7> kContactRoles = {
    "DECISION_MAKER", "INFLUENCER", "CHAMPION", "USER", "GATEKEEPER", "PURCHASER", "BILLING"};

constexpr bool IsContactRole(std::string_view role) {
  return std::ranges::find(kContactRoles, role) != kContactRoles.end();
}

}  // namespace crm::opportunity
