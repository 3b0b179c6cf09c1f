// guanxi-token: prints a bearer token for an employee, for a service, or for whoever sets an enterprise up.
#include "common/auth/token.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/config.h"
#include "tools/people/csv_table.h"
#include "tools/people/people.h"

namespace crm::tools {
namespace {

int Fail(std::string_view message) {
  std::fprintf(stderr, "guanxi-token: %.*s\n", static_cast<int>(message.size()), message.data());
  return 1;
}

// By login, whole name, or one word of the name ("王磊 Wang Lei" answers to 王磊).
bool Answers(const Person& person, const std::string& name) {
  if (absl::EqualsIgnoreCase(person.login, name) || absl::EqualsIgnoreCase(person.name, name)) return true;
  const auto words = SplitWords(person.name);
  return std::any_of(words.begin(), words.end(),
                     [&](const auto& word) { return absl::EqualsIgnoreCase(word, name); });
}

absl::StatusOr<auth::Principal> Choose(const Config& config) {
  if (config.Text("as") == "administrator") return Administrator();
  if (!config.Text("service").empty()) return ServiceAccount(config.Text("service"));
  auto people = ReadPeople(config.Text("database-url"));
  if (!people.ok()) return people.status();
  const auto roles = ReadRoles(config.Text("roles"));
  if (!roles.ok()) return roles.status();
  std::vector<Person> matching;
  for (const Person& person : *people)
    if (Answers(person, config.Text("as"))) matching.push_back(person);
  if (matching.size() == 1) return PrincipalOf(matching.front(), *roles);
  const auto& named = matching.empty() ? *people : matching;
  return absl::NotFoundError(absl::StrCat(
      matching.empty() ? "nobody is called \"" : "several people are called \"", config.Text("as"),
      "\"; there are: ", absl::StrJoin(named, ", ", [](std::string* out, const Person& person) {
        absl::StrAppend(out, person.login, " (", person.name, ")");
      })));
}

int List(const Config& config) {
  const auto people = ReadPeople(config.Text("database-url"));
  if (!people.ok()) return Fail(std::string(people.status().message()));
  for (const Person& person : *people)
    std::printf("%-20s %-28s %s\n", person.login.c_str(), absl::StrJoin(person.roles, ", ").c_str(),
                person.name.c_str());
  return 0;
}

int Main(int argc, char** argv) {
  Config config("guanxi-token", "Prints a bearer token.");
  config.Text("as", "", "login or name of an employee, or \"administrator\"")
      .Text("service", "", "instead: the account of a service, such as contract_credit")
      .Int("ttl", 12 * 60 * 60, "how many seconds it is good for")
      .Bool("list", false, "list the employees instead")
      .Required("token-private-key", "PEM file of the key that signs")
      .Text("token-issuer", "guanxi", "issuer (iss)")
      .Text("token-audience", "guanxi", "audience (aud)")
      .Text("roles", "deploy/sample-data/roles.csv", "CSV of what each role may do")
      .Text("database-url", "", "connection string of role guanxi_customer", Config::Show::kUrl);
  const absl::Status parsed = config.Parse(argc, argv);
  if (config.help_requested()) return std::puts(config.Help().c_str()), 0;
  if (!parsed.ok()) return std::fprintf(stderr, "%s\n", std::string(parsed.message()).c_str()), 2;
  if (config.Bool("list")) return List(config);
  if (config.Text("as").empty() && config.Text("service").empty()) return Fail("say for whom: --as NAME");
  if (config.Int("ttl") <= 0) return Fail("--ttl must be at least 1");

  const auto key = ReadFile(config.Text("token-private-key"));
  if (!key.ok()) return Fail(std::string(key.status().message()));
  const auto principal = Choose(config);
  if (!principal.ok()) return Fail(std::string(principal.status().message()));
  const auto token = auth::SignToken(
      *principal, *key,
      {.public_keys = "", .issuer = config.Text("token-issuer"), .audience = config.Text("token-audience")},
      absl::Now(), absl::Seconds(config.Int("ttl")));
  if (!token.ok()) return Fail(std::string(token.status().message()));
  std::puts(token->c_str());
  return 0;
}

}  // namespace
}  // namespace crm::tools

int main(int argc, char** argv) { return crm::tools::Main(argc, argv); }
