#include "services/customer/domain/contact.h"

namespace crm::customer {
namespace {

// Calls visit(name, field, value asked for) for each field of a profile.
template <class Profile, class Patch, class Visit>
void ForEachField(Profile& profile, Patch& patch, Visit visit) {
  visit("name", profile.name, patch.name);
  visit("title", profile.title, patch.title);
  visit("phones", profile.phones, patch.phones);
  visit("emails", profile.emails, patch.emails);
  visit("roles", profile.roles, patch.roles);
  visit("influence", profile.influence, patch.influence);
  visit("attitude", profile.attitude, patch.attitude);
}

}  // namespace

ContactPatch Only(const ContactProfile& profile, const std::set<std::string>& fields) {
  ContactPatch patch;
  ForEachField(profile, patch, [&fields](const char* name, const auto& field, auto& asked) {
    if (fields.contains(name)) asked = field;
  });
  return patch;
}

std::vector<std::string> Revise(ContactProfile& profile, const ContactPatch& patch) {
  std::vector<std::string> changed;
  ForEachField(profile, patch, [&](const char* name, auto& field, const auto& asked) {
    if (!asked || *asked == field) return;
    field = *asked;
    changed.emplace_back(name);
  });
  return changed;
}

}  // namespace crm::customer
