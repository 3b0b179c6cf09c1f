#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace crm::customer {

// What an index of part words is made of. Every word is cut into its runs of one, two and three characters
// (one only for ideographs: a single Latin letter finds too much), so that 华为 is found in 深圳华为技术 and
// "uawe" in "huawei", whatever the database's locale. `text` is normalised UTF-8; sorted, each once.
std::vector<std::string> GramsToIndex(std::string_view text);

// The grams that a text must have to contain `query` (normalised): the longest that are indexed. Empty when
// the query is too short to be looked for.
std::vector<std::string> GramsToFind(std::string_view query);

}  // namespace crm::customer
