#pragma once
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tools/people/people.h"

namespace crm::demo {

// Tokens of the people of the directory, signed with the suite's own key. Thread safe once filled.
class Tokens {
 public:
  Tokens(std::string private_key, tools::Roles roles)
      : private_key_(std::move(private_key)), roles_(std::move(roles)) {}

  void Fill(const std::vector<tools::Person>& people);

  const std::string& Of(const std::string& login) const { return by_login_.at(login); }
  // By the employee's id; throws when the directory does not know it.
  const std::string& OfId(const std::string& id) const;
  std::string Administrator() const;

 private:
  std::string Sign(const auth::Principal& principal) const;

  const std::string private_key_;
  const tools::Roles roles_;
  std::map<std::string, std::string> by_login_, by_id_;
};

}  // namespace crm::demo
