#include "services/customer/domain/match_keys.h"

#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace crm::customer {
namespace {

bool Agree(const std::string& a, const std::string& b) { return a.empty() || b.empty() || a == b; }
bool Same(const std::string& a, const std::string& b) { return !a.empty() && a == b; }

}  // namespace

MatchKeys MatchKeysOf(const LeadDetails& details) {
  MatchKeys keys;
  if (!details.email.empty()) keys.email = text::Email(details.email).value_or("");
  if (!details.phone.empty()) keys.phone = text::Phone(details.phone).value_or("");
  if (!details.company.empty()) keys.company = text::CompanyKey(details.company);
  if (!details.contact.empty()) keys.contact = text::Normalise(details.contact);
  return keys;
}

std::optional<Uuid> FingerprintOf(const MatchKeys& keys) {
  if (keys.email.empty() && keys.phone.empty() && keys.company.empty()) return std::nullopt;
  return Uuid::FromName(
      Uuid(0, 1), absl::StrCat(keys.email, "\x1f", keys.phone, "\x1f", keys.company, "\x1f", keys.contact));
}

void MatchKeySet::Add(const MatchKeys& keys) {
  if (!keys.email.empty()) emails.push_back(keys.email);
  if (!keys.phone.empty()) phones.push_back(keys.phone);
  if (!keys.company.empty()) names.emplace_back(keys.company, keys.contact);
}

DuplicateVerdict Compare(const MatchKeys& a, const MatchKeys& b) {
  const bool contacts_agree = Agree(a.contact, b.contact), companies_agree = Agree(a.company, b.company);
  if (Same(a.email, b.email) || Same(a.phone, b.phone))
    return contacts_agree && companies_agree ? DuplicateVerdict::kBlock : DuplicateVerdict::kWarn;
  if (Same(a.company, b.company)) {
    // Another e-mail or phone of the same name may be another person; no name at all may be anybody.
    const bool reachable_alike = Agree(a.email, b.email) && Agree(a.phone, b.phone);
    if (Same(a.contact, b.contact))
      return reachable_alike ? DuplicateVerdict::kBlock : DuplicateVerdict::kWarn;
    if (a.contact.empty() && b.contact.empty() && a.email.empty() && b.email.empty() && a.phone.empty() &&
        b.phone.empty())
      return DuplicateVerdict::kBlock;
  }
  return DuplicateVerdict::kNone;
}

}  // namespace crm::customer
