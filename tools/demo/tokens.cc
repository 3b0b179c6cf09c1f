#include "tools/demo/tokens.h"

#include <stdexcept>

#include "common/auth/token.h"

namespace crm::demo {

void Tokens::Fill(const std::vector<tools::Person>& people) {
  for (const tools::Person& person : people) {
    const auto principal = tools::PrincipalOf(person, roles_);
    if (!principal.ok()) throw std::runtime_error(std::string(principal.status().message()));
    by_login_[person.login] = by_id_[person.id.ToString()] = Sign(*principal);
  }
}

const std::string& Tokens::OfId(const std::string& id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) throw std::runtime_error("the directory has no employee " + id);
  return found->second;
}

std::string Tokens::Administrator() const { return Sign(tools::Administrator()); }

std::string Tokens::Sign(const auth::Principal& principal) const {
  const auto token = auth::SignToken(principal, private_key_, {}, absl::Now(), absl::Hours(2));
  if (!token.ok()) throw std::runtime_error(std::string(token.status().message()));
  return *token;
}

}  // namespace crm::demo
