#include "services/customer/domain/customer.h"

#include <type_traits>
#include <utility>

#include "common/base/text.h"

namespace crm::customer {
namespace {

// Calls visit(name, field, value asked for) for each field of a profile.
template <class Profile, class Patch, class Visit>
void ForEachField(Profile& profile, Patch& patch, Visit visit) {
  visit("kind", profile.kind, patch.kind);
  visit("name", profile.name, patch.name);
  visit("other_names", profile.other_names, patch.other_names);
  visit("identifiers", profile.identifiers, patch.identifiers);
  visit("industry", profile.industry, patch.industry);
  visit("region", profile.region, patch.region);
  visit("size", profile.size, patch.size);
  visit("source", profile.source, patch.source);
  visit("grade", profile.grade, patch.grade);
  visit("parent_id", profile.parent_id, patch.parent_id);
  visit("tags", profile.tags, patch.tags);
  visit("time_zone", profile.time_zone, patch.time_zone);
  visit("external_id", profile.external_id, patch.external_id);
  visit("attributes", profile.attributes, patch.attributes);
}

}  // namespace

std::vector<std::string> Revise(CustomerProfile& profile, const CustomerPatch& patch) {
  std::vector<std::string> changed;
  ForEachField(profile, patch, [&](const char* name, auto& field, const auto& asked) {
    if (!asked || *asked == field) return;
    field = *asked;
    changed.emplace_back(name);
  });
  return changed;
}

std::vector<UniqueName> UniqueNames(const CustomerProfile& profile) {
  std::vector<UniqueName> names;
  if (!profile.external_id.empty()) names.emplace_back(kExternalId, profile.external_id);
  for (const auto& [kind, value] : profile.identifiers) names.emplace_back(kind, text::Normalise(value));
  return names;
}

CustomerPatch Only(const CustomerProfile& profile, const std::set<std::string>& fields) {
  CustomerPatch patch;
  ForEachField(profile, patch, [&fields](const char* name, const auto& field, auto& asked) {
    if (fields.contains(name)) asked = field;
  });
  return patch;
}

CustomerPatch GivenIn(const CustomerProfile& profile) {
  CustomerPatch patch;
  ForEachField(profile, patch, [](const char*, const auto& field, auto& asked) {
    if (field != std::decay_t<decltype(field)>()) asked = field;
  });
  return patch;
}

}  // namespace crm::customer
