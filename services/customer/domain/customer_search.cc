#include "services/customer/domain/customer_search.h"

#include "absl/strings/str_split.h"
#include "common/base/text.h"
#include "services/customer/domain/search_grams.h"

namespace crm::customer {

SearchKeys KeysOf(const CustomerProfile& profile) {
  SearchKeys keys;
  keys.match_key = text::CompanyKey(profile.name);
  const auto add = [&keys](std::string_view name) {
    if (name.empty()) return;
    if (!keys.text.empty()) keys.text += ' ';
    keys.text += text::Normalise(name);
  };
  add(profile.name);
  for (const std::string& name : profile.other_names) add(name);
  for (const auto& [kind, value] : profile.identifiers) add(value);
  add(profile.external_id);
  keys.grams = GramsToIndex(keys.text);
  return keys;
}

SearchTerms TermsOf(std::string_view query) {
  SearchTerms terms;
  const std::string normalised = text::Normalise(query);
  for (absl::string_view word : absl::StrSplit(normalised, ' ', absl::SkipEmpty()))
    terms.words.emplace_back(word);
  terms.grams = GramsToFind(normalised);
  terms.match_key = text::CompanyKey(query);
  return terms;
}

}  // namespace crm::customer
