#include "services/customer/storage/customer_store.h"

#include "services/customer/domain/customer_search.h"
#include "services/customer/storage/columns.h"
#include "services/customer/storage/customer_rows.h"

namespace crm::customer {
namespace {

constexpr db::Statement kLoad{"load_customers",
                              "SELECT " CRM_CUSTOMER_COLUMNS " FROM customer WHERE id = ANY($1::uuid[])"};

constexpr db::Statement kFindByExternalId{
    "find_customers_by_external_id", "SELECT external_id, id FROM customer WHERE external_id = ANY($1::text[])"};

constexpr db::Statement kFindByMatchKey{"find_customers_by_match_key",
                                        "SELECT match_key, id FROM customer WHERE match_key = ANY($1::text[]) "
                                        "ORDER BY match_key, id"};

constexpr db::Statement kLoadHierarchy{"load_customer_hierarchy", R"(
WITH RECURSIVE above (id, parent_id) AS (
  SELECT id, parent_id FROM customer WHERE id = ANY($1::uuid[])
  UNION
  SELECT c.id, c.parent_id FROM customer c JOIN above a ON c.id = a.parent_id
)
SELECT id, parent_id FROM above)"};

constexpr db::Statement kInsert{"insert_customers", R"(
INSERT INTO customer (id, kind, name, other_names, tax_id, phone, email, website, industry, region, size, source,
                      grade, parent_id, tags, time_zone, external_id, note, lifecycle, match_key, search_text, search_grams,
                      owner_id, org_unit_id, version, create_time, update_time)
SELECT u.id, u.kind, u.name, string_to_array(u.other_names, chr(31)), u.tax_id, u.phone, u.email, u.website,
       u.industry, u.region, u.size, u.source, u.grade, u.parent_id, string_to_array(u.tags, chr(31)), u.time_zone,
       u.external_id, u.note, u.lifecycle, u.match_key, u.search_text, string_to_array(u.search_grams, chr(31)), u.owner_id,
       u.org_unit_id, u.version, $26, $26
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::uuid[], $15::text[], $16::text[],
              $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::uuid[],
              $24::uuid[], $25::bigint[])
       AS u(id, kind, name, other_names, tax_id, phone, email, website, industry, region, size, source, grade,
            parent_id, tags, time_zone, external_id, note, lifecycle, match_key, search_text, search_grams, owner_id,
            org_unit_id, version)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_customers", R"(
UPDATE customer c
   SET kind = u.kind, name = u.name, other_names = string_to_array(u.other_names, chr(31)), tax_id = u.tax_id,
       phone = u.phone, email = u.email, website = u.website, industry = u.industry, region = u.region,
       size = u.size, source = u.source, grade = u.grade, parent_id = u.parent_id,
       tags = string_to_array(u.tags, chr(31)), time_zone = u.time_zone, external_id = u.external_id, note = u.note,
       lifecycle = u.lifecycle, match_key = u.match_key, search_text = u.search_text,
       search_grams = string_to_array(u.search_grams, chr(31)), owner_id = u.owner_id, org_unit_id = u.org_unit_id,
       version = u.version, update_time = $26
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::uuid[], $15::text[], $16::text[],
              $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::uuid[],
              $24::uuid[], $25::bigint[], $27::bigint[])
       AS u(id, kind, name, other_names, tax_id, phone, email, website, industry, region, size, source, grade,
            parent_id, tags, time_zone, external_id, note, lifecycle, match_key, search_text, search_grams, owner_id,
            org_unit_id, version, loaded_version)
 WHERE c.id = u.id AND c.version = u.loaded_version
RETURNING c.id)"};

constexpr db::Statement kAppendMoves{"append_customer_lifecycle_moves", R"(
INSERT INTO customer_lifecycle_move (customer_id, sequence, from_lifecycle, to_lifecycle, cause, reason, won_back,
                                     actor_id, move_time)
SELECT u.customer_id, u.sequence, u.from_lifecycle, u.to_lifecycle, u.cause, u.reason, u.won_back, u.actor_id,
       u.move_time
  FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::uuid[],
              $9::timestamptz[])
       AS u(customer_id, sequence, from_lifecycle, to_lifecycle, cause, reason, won_back, actor_id, move_time))"};

constexpr db::Statement kMoves{"customer_lifecycle_moves", R"(
SELECT customer_id, sequence, from_lifecycle, to_lifecycle, cause, reason, won_back, actor_id, move_time
  FROM customer_lifecycle_move WHERE customer_id = $1 ORDER BY sequence)"};

// The parameters $1 to $25 that insert and update share.
struct CustomerColumns {
  explicit CustomerColumns(const std::vector<const Customer*>& rows) : rows(rows) {
    keys.reserve(rows.size());
    for (const Customer* row : rows) keys.push_back(KeysOf(row->profile));
  }
  template <class T>
  auto Profile(T CustomerProfile::*field) const {
    return Column(rows, [field](const Customer& c) { return c.profile.*field; });
  }
  auto ProfileLists(std::vector<std::string> CustomerProfile::*field) const {
    return Column(rows, [field](const Customer& c) { return Packed(c.profile.*field); });
  }
  template <class Get>
  auto Keys(Get get) const {
    std::vector<std::string> column;
    for (const SearchKeys& key : keys) column.push_back(get(key));
    return column;
  }
  const std::vector<const Customer*>& rows;
  std::vector<SearchKeys> keys;
};

std::optional<std::string> NullIfEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}
std::optional<Uuid> NullIfNil(const Uuid& id) { return id.nil() ? std::nullopt : std::optional(id); }

template <class... More>
db::Rows Write(db::Transaction& tx, const db::Statement& statement, const std::vector<const Customer*>& rows,
               const More&... more) {
  const CustomerColumns columns(rows);
  using P = CustomerProfile;
  return tx.Query(
      statement,
      {Column(rows, [](const Customer& c) { return c.id; }),
       Column(rows, [](const Customer& c) { return Word(c.profile.kind); }), columns.Profile(&P::name),
       columns.ProfileLists(&P::other_names), columns.Profile(&P::tax_id), columns.Profile(&P::phone),
       columns.Profile(&P::email), columns.Profile(&P::website), columns.Profile(&P::industry),
       columns.Profile(&P::region), columns.Profile(&P::size), columns.Profile(&P::source),
       Column(rows, [](const Customer& c) { return Word(c.profile.grade); }),
       Column(rows, [](const Customer& c) { return NullIfNil(c.profile.parent_id); }),
       columns.ProfileLists(&P::tags), columns.Profile(&P::time_zone),
       Column(rows, [](const Customer& c) { return NullIfEmpty(c.profile.external_id); }), columns.Profile(&P::note),
       Column(rows, [](const Customer& c) { return Word(c.lifecycle); }),
       columns.Keys([](const SearchKeys& k) { return k.match_key; }),
       columns.Keys([](const SearchKeys& k) { return k.text; }),
       columns.Keys([](const SearchKeys& k) { return Packed(k.grams); }),
       Column(rows, [](const Customer& c) { return c.owner_id; }),
       Column(rows, [](const Customer& c) { return c.org_unit_id; }),
       Column(rows, [](const Customer& c) { return c.version; }), tx.now(), more...});
}

CustomerStore::IdsByName ReadNames(const db::Rows& rows) {
  CustomerStore::IdsByName found;
  for (db::Row row : rows) {
    std::string name = row.Next<std::string>();
    found.emplace(std::move(name), row.Next<Uuid>());
  }
  return found;
}

}  // namespace

Customer ReadCustomer(db::Row row) {
  Customer customer;
  CustomerProfile& profile = customer.profile;
  customer.id = row.Next<Uuid>();
  profile.kind = FromWord<CustomerKind>(row.Next<std::string>()).value();
  profile.name = row.Next<std::string>();
  profile.other_names = row.Next<std::vector<std::string>>();
  profile.tax_id = row.Next<std::string>();
  profile.phone = row.Next<std::string>();
  profile.email = row.Next<std::string>();
  profile.website = row.Next<std::string>();
  profile.industry = row.Next<std::string>();
  profile.region = row.Next<std::string>();
  profile.size = row.Next<std::string>();
  profile.source = row.Next<std::string>();
  profile.grade = FromWord<Grade>(row.Next<std::string>()).value();
  profile.parent_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
  profile.tags = row.Next<std::vector<std::string>>();
  profile.time_zone = row.Next<std::string>();
  profile.external_id = row.Next<std::optional<std::string>>().value_or("");
  profile.note = row.Next<std::string>();
  customer.lifecycle = FromWord<Lifecycle>(row.Next<std::string>()).value();
  customer.owner_id = row.Next<Uuid>();
  customer.org_unit_id = row.Next<Uuid>();
  customer.version = row.Next<std::int64_t>();
  customer.create_time = row.Next<absl::Time>();
  customer.update_time = row.Next<absl::Time>();
  return customer;
}

work::Tracked<Customer> CustomerStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<Customer> customers;
  if (ids.empty()) return customers;
  for (db::Row row : tx_.Query(kLoad, {ids})) customers.AddLoaded(ReadCustomer(row));
  return customers;
}

CustomerStore::IdsByName CustomerStore::FindByExternalId(const std::vector<std::string>& external_ids) {
  if (external_ids.empty()) return {};
  return ReadNames(tx_.Query(kFindByExternalId, {external_ids}));
}

CustomerStore::IdsByName CustomerStore::FindByMatchKey(const std::vector<std::string>& match_keys) {
  if (match_keys.empty()) return {};
  return ReadNames(tx_.Query(kFindByMatchKey, {match_keys}));
}

Hierarchy CustomerStore::LoadHierarchy(const std::vector<Uuid>& ids) {
  Hierarchy hierarchy;
  if (ids.empty()) return hierarchy;
  for (db::Row row : tx_.Query(kLoadHierarchy, {ids})) {
    const Uuid child = row.Next<Uuid>();
    hierarchy.SetParent(child, row.Next<std::optional<Uuid>>().value_or(Uuid()));
  }
  return hierarchy;
}

bool CustomerStore::Save(const work::Tracked<Customer>& customers, const std::vector<LifecycleMove>& moves) {
  if (!Insert(customers.Added()) || !Update(customers)) return false;
  Append(moves);
  return true;
}

bool CustomerStore::Insert(const std::vector<const Customer*>& customers) {
  if (customers.empty()) return true;
  return Write(tx_, kInsert, customers).size() == static_cast<int>(customers.size());
}

bool CustomerStore::Update(const work::Tracked<Customer>& customers) {
  const ChangedRows<Customer> changed(customers);
  if (changed.rows.empty()) return true;
  return Write(tx_, kUpdate, changed.rows, changed.loaded_versions).size() == static_cast<int>(changed.rows.size());
}

void CustomerStore::Append(const std::vector<LifecycleMove>& moves) {
  if (moves.empty()) return;
  std::vector<const LifecycleMove*> rows;
  for (const LifecycleMove& move : moves) rows.push_back(&move);
  using M = LifecycleMove;
  tx_.Query(kAppendMoves,
            {Column(rows, [](const M& m) { return m.customer_id; }), Column(rows, [](const M& m) { return m.sequence; }),
             Column(rows, [](const M& m) { return m.from ? std::optional(Word(*m.from)) : std::nullopt; }),
             Column(rows, [](const M& m) { return Word(m.to); }), Column(rows, [](const M& m) { return Word(m.cause); }),
             Column(rows, [](const M& m) { return m.reason; }), Column(rows, [](const M& m) { return m.won_back; }),
             Column(rows, [](const M& m) { return m.actor_id; }), Column(rows, [](const M& m) { return m.time; })});
}

std::vector<LifecycleMove> CustomerStore::Moves(const Uuid& customer_id) {
  std::vector<LifecycleMove> moves;
  for (db::Row row : tx_.Query(kMoves, {customer_id})) {
    LifecycleMove& move = moves.emplace_back();
    move.customer_id = row.Next<Uuid>();
    move.sequence = row.Next<std::int64_t>();
    if (const auto from = row.Next<std::optional<std::string>>()) move.from = FromWord<Lifecycle>(*from);
    move.to = FromWord<Lifecycle>(row.Next<std::string>()).value();
    move.cause = FromWord<LifecycleCause>(row.Next<std::string>()).value();
    move.reason = row.Next<std::string>();
    move.won_back = row.Next<bool>();
    move.actor_id = row.Next<Uuid>();
    move.time = row.Next<absl::Time>();
  }
  return moves;
}

}  // namespace crm::customer
