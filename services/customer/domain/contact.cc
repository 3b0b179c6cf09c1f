#include "services/customer/domain/contact.h"

namespace crm::customer {

std::vector<std::string> Revise(ContactProfile& profile, const ContactPatch& patch) {
  std::vector<std::string> changed;
  const auto revise = [&](const char* name, auto& field, const auto& asked) {
    if (!asked || *asked == field) return;
    field = *asked;
    changed.emplace_back(name);
  };
  revise("name", profile.name, patch.name);
  revise("title", profile.title, patch.title);
  revise("phones", profile.phones, patch.phones);
  revise("emails", profile.emails, patch.emails);
  revise("roles", profile.roles, patch.roles);
  revise("influence", profile.influence, patch.influence);
  revise("attitude", profile.attitude, patch.attitude);
  return changed;
}

}  // namespace crm::customer
