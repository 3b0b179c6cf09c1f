#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "services/customer/domain/words.h"

namespace crm::customer {

enum class CustomerKind { kOrganisation, kPerson };
enum class Grade { kUngraded, kA, kB, kC };

// Where a customer stands. Moves come from what happened; see customer_lifecycle.h.
enum class Lifecycle { kUnidentified, kPotential, kOpportunity, kOrdering, kUser, kDormant, kChurned };

template <>
struct Words<CustomerKind> {
  static constexpr std::string_view kAll[] = {"ORGANISATION", "PERSON"};
};
template <>
struct Words<Grade> {
  static constexpr std::string_view kAll[] = {"", "A", "B", "C"};
};
template <>
struct Words<Lifecycle> {
  static constexpr std::string_view kAll[] = {"UNIDENTIFIED", "POTENTIAL", "OPPORTUNITY", "ORDERING",
                                              "USER",         "DORMANT",   "CHURNED"};
};

// What people say about a customer, as opposed to what has happened with it.
struct CustomerProfile {
  CustomerKind kind = CustomerKind::kOrganisation;
  std::string name;
  std::vector<std::string> other_names;            // former, short, in another language
  std::map<std::string, std::string> identifiers;  // "tax_id", "domain", …; each unique among customers
  std::string industry, region, size, source;
  Grade grade = Grade::kUngraded;
  Uuid parent_id;  // the group it belongs to; nil = none
  std::vector<std::string> tags;
  std::string time_zone;                          // IANA name; empty = UTC
  std::string external_id;                        // its key in another system; unique when not empty
  std::map<std::string, std::string> attributes;  // what has no field of its own
};

struct Customer {
  static constexpr std::string_view kAggregateType = "customer";

  Uuid id;
  std::int64_t version = 0;  // the etag; equals the last aggregate_seq
  Uuid owner_id, org_unit_id;
  Uuid lead_id = {};  // that it came from; nil = none
  CustomerProfile profile;
  Lifecycle lifecycle = Lifecycle::kUnidentified;
  absl::Time create_time, update_time;
};

// A change to some fields of a profile: those that have a value.
struct CustomerPatch {
  std::optional<CustomerKind> kind;
  std::optional<std::string> name;
  std::optional<std::vector<std::string>> other_names;
  std::optional<std::map<std::string, std::string>> identifiers;
  std::optional<std::string> industry, region, size, source;
  std::optional<Grade> grade;
  std::optional<Uuid> parent_id;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> time_zone, external_id;
  std::optional<std::map<std::string, std::string>> attributes;
};

struct CustomerCreated {
  Customer customer;
};
struct CustomerUpdated {
  Customer customer;                        // as it is now
  std::vector<std::string> changed_fields;  // never empty
};

// Writes the fields of `patch` that differ; answers their names, in the order of the profile.
std::vector<std::string> Revise(CustomerProfile& profile, const CustomerPatch& patch);

// What no other customer may have, as (kind, value): the identifiers in one form, and the external id as a
// kind of its own.
using UniqueName = std::pair<std::string, std::string>;
inline constexpr char kExternalId[] = "external_id";
std::vector<UniqueName> UniqueNames(const CustomerProfile& profile);

// A patch that writes the named fields as `profile` has them, empty ones too.
CustomerPatch Only(const CustomerProfile& profile, const std::set<std::string>& fields);

// A patch that writes what `profile` says and leaves alone what it leaves empty.
CustomerPatch GivenIn(const CustomerProfile& profile);

}  // namespace crm::customer
