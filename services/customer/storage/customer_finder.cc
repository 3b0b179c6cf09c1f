#include "services/customer/storage/customer_finder.h"

#include "services/customer/storage/customer_rows.h"

namespace crm::customer {
namespace {

// Two statements, so that either has its index and neither a plan for both.
#define CRM_NARROWED                                                                                         \
  "AND ($2::uuid IS NULL OR owner_id = $2) AND ($3::uuid IS NULL OR parent_id = $3) "                        \
  "AND ($4::text IS NULL OR kind = $4) AND ($5::text IS NULL OR lifecycle = $5) "                            \
  "AND ($6::text IS NULL OR grade = $6) AND id < $7 ORDER BY id DESC LIMIT $8"

constexpr db::Statement kList{"list_customers", "SELECT " CRM_CUSTOMER_COLUMNS
                                                " FROM customer WHERE ($1::uuid IS NULL OR owner_id = $1) " CRM_NARROWED};

constexpr db::Statement kListOfOwner{"list_customers_of_owner",
                                     "SELECT " CRM_CUSTOMER_COLUMNS " FROM customer WHERE owner_id = $1 " CRM_NARROWED};

#undef CRM_NARROWED

constexpr db::Statement kSearch{"search_customers", "SELECT " CRM_CUSTOMER_COLUMNS R"(
  FROM customer
 WHERE search_grams @> $1::text[] AND search_text LIKE ALL ($2::text[])
   AND ($3::uuid IS NULL OR owner_id = $3) AND (match_key, id) > ($4, $5::uuid)
 ORDER BY match_key, id LIMIT $6)"};

constexpr db::Statement kFindByExternalIds{
    "find_customers_by_external_ids",
    "SELECT " CRM_CUSTOMER_COLUMNS " FROM customer WHERE external_id = ANY($1::text[])"};

std::vector<Customer> ReadAll(const db::Rows& rows) {
  std::vector<Customer> customers;
  customers.reserve(rows.size());
  for (db::Row row : rows) customers.push_back(ReadCustomer(row));
  return customers;
}

template <class E>
std::optional<std::string_view> WordOf(const std::optional<E>& value) {
  return value ? std::optional(Word(*value)) : std::nullopt;
}

std::string ContainsPattern(std::string_view word) {
  std::string pattern = "%";
  for (char c : word) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern += '%';
}

constexpr Uuid kLast(~0ULL, ~0ULL);

}  // namespace

std::vector<Customer> CustomerFinder::List(const auth::Scope& scope, const CustomerFilter& filter, const Uuid& before,
                                           int limit) {
  const std::optional<Uuid> owner = scope.owner() ? scope.owner() : filter.owner_id;
  return ReadAll(tx_.Query(owner ? kListOfOwner : kList,
                           {owner, filter.owner_id, filter.parent_id, WordOf(filter.kind), WordOf(filter.lifecycle),
                            WordOf(filter.grade), before.nil() ? kLast : before, limit}));
}

std::vector<Customer> CustomerFinder::Search(const auth::Scope& scope, const SearchTerms& terms,
                                             const NamePosition& after, int limit) {
  std::vector<std::string> patterns;
  for (const std::string& word : terms.words) patterns.push_back(ContainsPattern(word));
  return ReadAll(tx_.Query(kSearch, {terms.grams, patterns, scope.owner(), after.match_key, after.id, limit}));
}

std::vector<Customer> CustomerFinder::FindByExternalIds(const std::vector<std::string>& external_ids) {
  return ReadAll(tx_.Query(kFindByExternalIds, {external_ids}));
}

}  // namespace crm::customer
