#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/uuid.h"
#include "services/customer/domain/lead_types.h"

// By what two leads are recognised as the same. Keys are made of normalised values; an empty one is no key.
namespace crm::customer {

struct MatchKeys {
  std::string email;    // lower case
  std::string phone;    // E.164 where the number allows it
  std::string company;  // without width, case, script variant and legal suffix
  std::string contact;

  friend bool operator==(const MatchKeys&, const MatchKeys&) = default;
};

MatchKeys MatchKeysOf(const LeadDetails& details);

// One value for all that identifies a lead without an external id: equal for the same lead sent twice.
// Empty when there is nothing to look it up by: a contact's name alone says nothing.
std::optional<Uuid> FingerprintOf(const MatchKeys& keys);

// The keys of many drafts, for one look-up.
struct MatchKeySet {
  std::vector<std::string> emails, phones;
  std::vector<std::pair<std::string, std::string>> names;  // company and contact
  void Add(const MatchKeys& keys);
  bool empty() const { return emails.empty() && phones.empty() && names.empty(); }
};

enum class DuplicateVerdict { kNone, kWarn, kBlock };

// kBlock: the same person again — an e-mail or phone in common and nothing that contradicts it, or the same
// contact at the same company, or the same company where neither names anybody. kWarn: something in common,
// but another name or company beside it.
DuplicateVerdict Compare(const MatchKeys& a, const MatchKeys& b);

}  // namespace crm::customer
