#pragma once
#include <string>
#include <vector>

#include "services/customer/domain/customer.h"

namespace crm::customer {

// What a customer is found by.
struct SearchKeys {
  std::string match_key;           // the name, normalised, without legal suffix: equal for equal names
  std::string text;                // every name and identifier, normalised
  std::vector<std::string> grams;  // of the text
};
SearchKeys KeysOf(const CustomerProfile& profile);

// What a search asks for: every word of it somewhere in a customer's text. No grams: too short to be looked
// for.
struct SearchTerms {
  std::vector<std::string> words;
  std::vector<std::string> grams;
  std::string match_key;  // of the whole query: whose name it is, or begins, comes first
};
SearchTerms TermsOf(std::string_view query);

}  // namespace crm::customer
