#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/customer/domain/words.h"

namespace crm::customer {

// The part a person plays in a purchase.
enum class PurchaseRole { kDecisionMaker, kInfluencer, kChampion, kUser, kGatekeeper, kPurchaser, kBilling };
enum class Attitude { kUnknown, kSupportive, kNeutral, kOpposed };

template <>
struct Words<PurchaseRole> {
  static constexpr std::string_view kAll[] = {"DECISION_MAKER", "INFLUENCER", "CHAMPION", "USER",
                                              "GATEKEEPER",     "PURCHASER",  "BILLING"};
};
template <>
struct Words<Attitude> {
  static constexpr std::string_view kAll[] = {"", "SUPPORTIVE", "NEUTRAL", "OPPOSED"};
};

struct ContactProfile {
  std::string name, title;
  std::vector<std::string> phones, emails;
  std::vector<PurchaseRole> roles;
  int influence = 0;  // 1 to 5; 0 = not known
  Attitude attitude = Attitude::kUnknown;
};

// A person at a customer; never moves to another one. Belongs to whoever the customer belongs to.
struct Contact {
  static constexpr std::string_view kAggregateType = "contact";

  Uuid id;
  std::int64_t version = 0;
  Uuid customer_id;
  Uuid owner_id, org_unit_id;  // the customer's
  ContactProfile profile;
  absl::Time create_time, update_time;
};

struct ContactPatch {
  std::optional<std::string> name, title;
  std::optional<std::vector<std::string>> phones, emails;
  std::optional<std::vector<PurchaseRole>> roles;
  std::optional<int> influence;
  std::optional<Attitude> attitude;
};

struct ContactChanged {
  Contact contact;                          // as it is now
  std::vector<std::string> changed_fields;  // empty for a new one
};

// A patch that writes the named fields as `profile` has them, empty ones too.
ContactPatch Only(const ContactProfile& profile, const std::set<std::string>& fields);

// Writes the fields of `patch` that differ; answers their names, in the order of the profile.
std::vector<std::string> Revise(ContactProfile& profile, const ContactPatch& patch);

}  // namespace crm::customer
