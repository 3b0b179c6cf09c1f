#include "services/customer/storage/customer_finder.h"

#include "services/customer/storage/customer_rows.h"

namespace crm::customer {
namespace {

// Three statements, so that each has its index and none a plan for all.
#define CRM_NARROWED                                                                     \
  "AND ($2::uuid IS NULL OR owner_id = $2) AND ($3::uuid IS NULL OR org_unit_id = $3) "  \
  "AND ($4::text IS NULL OR lifecycle = $4) AND ($5::text IS NULL OR external_id = $5) " \
  "AND id < $6 ORDER BY id DESC LIMIT $7"

constexpr db::Statement kList{"list_customers",
                              "SELECT " CRM_CUSTOMER_COLUMNS
                              " FROM customer WHERE ($1::uuid IS NULL OR owner_id = $1) " CRM_NARROWED};

constexpr db::Statement kListOfOwner{"list_customers_of_owner",
                                     "SELECT " CRM_CUSTOMER_COLUMNS
                                     " FROM customer WHERE owner_id = $1 " CRM_NARROWED};

constexpr db::Statement kListOfExternalId{"list_customers_of_external_id",
                                          "SELECT " CRM_CUSTOMER_COLUMNS
                                          " FROM customer WHERE external_id = $5 AND external_id <> '' AND "
                                          "($1::uuid IS NULL OR owner_id = $1) " CRM_NARROWED};

#undef CRM_NARROWED

constexpr db::Statement kSearch{"search_customers", R"(
SELECT * FROM (
  SELECT )" CRM_CUSTOMER_COLUMNS R"(, match_key,
         CASE WHEN match_key = $3 THEN 0 WHEN starts_with(match_key, $3) THEN 1 ELSE 2 END AS rank
    FROM customer
   WHERE search_grams @> $1::text[] AND search_text LIKE ALL ($2::text[]) AND ($4::uuid IS NULL OR owner_id = $4)
) found
 WHERE (rank, match_key, id) > ($5, $6, $7::uuid)
 ORDER BY rank, match_key, id LIMIT $8)"};

constexpr db::Statement kNamed{"named_customers", "SELECT " CRM_CUSTOMER_COLUMNS R"(
  FROM customer
 WHERE (id = ANY($1::uuid[]) OR (external_id = ANY($2::text[]) AND external_id <> ''))
   AND ($3::uuid IS NULL OR owner_id = $3))"};

constexpr db::Statement kCalled{"called_customers", "SELECT " CRM_CUSTOMER_COLUMNS R"(
  FROM unnest($1::text[]) AS wanted (key), LATERAL (
    SELECT )" CRM_CUSTOMER_COLUMNS R"(
      FROM customer WHERE match_key = wanted.key AND ($2::uuid IS NULL OR owner_id = $2) ORDER BY id LIMIT 10
  ) namesake)"};

std::vector<Customer> ReadAll(const db::Rows& rows) {
  std::vector<Customer> customers;
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

std::vector<Customer> CustomerFinder::List(const auth::Scope& scope, const CustomerFilter& filter,
                                           const Uuid& before, int limit) {
  const std::optional<Uuid> owner = scope.owner() ? scope.owner() : filter.owner_id;
  const db::Statement& statement = filter.external_id ? kListOfExternalId : owner ? kListOfOwner : kList;
  return ReadAll(tx_.Query(statement, {owner, filter.owner_id, filter.org_unit_id, WordOf(filter.lifecycle),
                                       filter.external_id, before.nil() ? kLast : before, limit}));
}

std::vector<Customer> CustomerFinder::Named(const auth::Scope& scope, const std::vector<Uuid>& ids,
                                            const std::vector<std::string>& external_ids) {
  return ReadAll(tx_.Query(kNamed, {ids, external_ids, scope.owner()}));
}

std::vector<Customer> CustomerFinder::Called(const auth::Scope& scope,
                                             const std::vector<std::string>& match_keys) {
  if (match_keys.empty()) return {};
  return ReadAll(tx_.Query(kCalled, {match_keys, scope.owner()}));
}

std::vector<FoundCustomer> CustomerFinder::Search(const auth::Scope& scope, const SearchTerms& terms,
                                                  const FoundPosition& after, int limit) {
  std::vector<std::string> patterns;
  for (const std::string& word : terms.words) patterns.push_back(ContainsPattern(word));
  std::vector<FoundCustomer> found;
  for (db::Row row : tx_.Query(kSearch, {terms.grams, patterns, terms.match_key, scope.owner(), after.rank,
                                         after.match_key, after.id, limit})) {
    FoundCustomer& one = found.emplace_back();
    one.customer = ReadCustomer(row);
    one.position.match_key = row.Next<std::string>();
    one.position.rank = row.Next<int>();
    one.position.id = one.customer.id;
  }
  return found;
}

}  // namespace crm::customer
