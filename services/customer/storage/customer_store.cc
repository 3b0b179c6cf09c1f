#include "services/customer/storage/customer_store.h"

#include "services/customer/domain/customer_search.h"
#include "services/customer/storage/columns.h"
#include "services/customer/storage/customer_rows.h"

namespace crm::customer {
namespace {

constexpr db::Statement kLoad{"load_customers",
                              "SELECT " CRM_CUSTOMER_COLUMNS " FROM customer WHERE id = ANY($1::uuid[])"};

// A little more than asked for: kinds and values are not paired, the caller does that.
constexpr db::Statement kFindHolders{"find_customer_holders",
                                     "SELECT kind, value, customer_id FROM customer_identifier "
                                     "WHERE kind = ANY($1::text[]) AND value = ANY($2::text[])"};

constexpr db::Statement kLoadHierarchy{"load_customer_hierarchy", R"(
WITH RECURSIVE above (id, parent_id) AS (
  SELECT id, parent_id FROM customer WHERE id = ANY($1::uuid[])
  UNION
  SELECT c.id, c.parent_id FROM customer c JOIN above a ON c.id = a.parent_id
)
SELECT id, parent_id FROM above)"};

constexpr db::Statement kInsert{"insert_customers", R"(
INSERT INTO customer (id, version, owner_id, org_unit_id, lead_id, kind, name, other_names, identifiers, industry,
                      region, size, source, grade, parent_id, tags, time_zone, external_id, attributes, lifecycle,
                      match_key, search_text, search_grams, create_time, update_time)
SELECT u.id, u.version, u.owner_id, u.org_unit_id, u.lead_id, u.kind, u.name,
       string_to_array(u.other_names, chr(31)), string_to_array(u.identifiers, chr(31)), u.industry, u.region, u.size,
       u.source, u.grade, u.parent_id, string_to_array(u.tags, chr(31)), u.time_zone, u.external_id,
       string_to_array(u.attributes, chr(31)), u.lifecycle, u.match_key, u.search_text,
       string_to_array(u.search_grams, chr(31)), $24, $24
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::uuid[], $16::text[],
              $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[])
       AS u(id, version, owner_id, org_unit_id, lead_id, kind, name, other_names, identifiers, industry, region, size,
            source, grade, parent_id, tags, time_zone, external_id, attributes, lifecycle, match_key, search_text,
            search_grams)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_customers", R"(
UPDATE customer c
   SET version = u.version, owner_id = u.owner_id, org_unit_id = u.org_unit_id, lead_id = u.lead_id, kind = u.kind,
       name = u.name, other_names = string_to_array(u.other_names, chr(31)),
       identifiers = string_to_array(u.identifiers, chr(31)), industry = u.industry, region = u.region,
       size = u.size, source = u.source, grade = u.grade, parent_id = u.parent_id,
       tags = string_to_array(u.tags, chr(31)), time_zone = u.time_zone, external_id = u.external_id,
       attributes = string_to_array(u.attributes, chr(31)), lifecycle = u.lifecycle, match_key = u.match_key,
       search_text = u.search_text, search_grams = string_to_array(u.search_grams, chr(31)), update_time = $24
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::uuid[], $16::text[],
              $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[],
              $25::bigint[])
       AS u(id, version, owner_id, org_unit_id, lead_id, kind, name, other_names, identifiers, industry, region, size,
            source, grade, parent_id, tags, time_zone, external_id, attributes, lifecycle, match_key, search_text,
            search_grams, loaded_version)
 WHERE c.id = u.id AND c.version = u.loaded_version
RETURNING c.id)"};

constexpr db::Statement kDeleteNames{"delete_customer_identifiers",
                                     "DELETE FROM customer_identifier WHERE customer_id = ANY($1::uuid[])"};

constexpr db::Statement kInsertNames{"insert_customer_identifiers", R"(
INSERT INTO customer_identifier (customer_id, kind, value)
SELECT u.customer_id, u.kind, u.value
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS u(customer_id, kind, value)
 ORDER BY u.kind, u.value
ON CONFLICT DO NOTHING
RETURNING customer_id)"};

constexpr db::Statement kAppendMoves{"append_customer_lifecycle_moves", R"(
INSERT INTO customer_lifecycle_move (customer_id, id, from_lifecycle, to_lifecycle, cause, reason, cause_id, won_back,
                                     actor_id, move_time)
SELECT u.customer_id, u.id, u.from_lifecycle, u.to_lifecycle, u.cause, u.reason, u.cause_id, u.won_back, u.actor_id,
       u.move_time
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::boolean[],
              $9::uuid[], $10::timestamptz[])
       AS u(customer_id, id, from_lifecycle, to_lifecycle, cause, reason, cause_id, won_back, actor_id, move_time))"};

// Runs insert or update with the parameters that both share, and `more`. True when every row was written.
template <class... More>
bool Write(db::Transaction& tx, const db::Statement& statement, const std::vector<const Customer*>& rows,
           const More&... more) {
  if (rows.empty()) return true;
  std::vector<std::string> match_keys, texts, grams;
  for (const Customer* row : rows) {
    SearchKeys keys = KeysOf(row->profile);
    match_keys.push_back(std::move(keys.match_key));
    texts.push_back(std::move(keys.text));
    grams.push_back(Packed(keys.grams));
  }
  using C = Customer;
  const auto column = [&rows](auto get) { return Column(rows, get); };
  const auto text = [&rows](std::string CustomerProfile::*field) {
    return Column(rows, [field](const C& c) { return c.profile.*field; });
  };
  const auto packed = [&rows](auto CustomerProfile::*field) {
    return Column(rows, [field](const C& c) { return Packed(c.profile.*field); });
  };
  using P = CustomerProfile;
  const db::Rows written =
      tx.Query(statement, {column([](const C& c) { return c.id; }),
                           column([](const C& c) { return c.version; }),
                           column([](const C& c) { return c.owner_id; }),
                           column([](const C& c) { return c.org_unit_id; }),
                           column([](const C& c) { return NullIfNil(c.lead_id); }),
                           column([](const C& c) { return Word(c.profile.kind); }),
                           text(&P::name),
                           packed(&P::other_names),
                           packed(&P::identifiers),
                           text(&P::industry),
                           text(&P::region),
                           text(&P::size),
                           text(&P::source),
                           column([](const C& c) { return Word(c.profile.grade); }),
                           column([](const C& c) { return NullIfNil(c.profile.parent_id); }),
                           packed(&P::tags),
                           text(&P::time_zone),
                           text(&P::external_id),
                           packed(&P::attributes),
                           column([](const C& c) { return Word(c.lifecycle); }),
                           match_keys,
                           texts,
                           grams,
                           tx.now(),
                           more...});
  return written.size() == static_cast<int>(rows.size());
}

}  // namespace

Customer ReadCustomer(db::Row& row) {
  Customer customer;
  CustomerProfile& profile = customer.profile;
  customer.id = row.Next<Uuid>();
  customer.version = row.Next<std::int64_t>();
  customer.owner_id = row.Next<Uuid>();
  customer.org_unit_id = row.Next<Uuid>();
  customer.lead_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
  profile.kind = FromWord<CustomerKind>(row.Next<std::string>()).value();
  profile.name = row.Next<std::string>();
  profile.other_names = row.Next<std::vector<std::string>>();
  profile.identifiers = Unpacked(row.Next<std::vector<std::string>>());
  profile.industry = row.Next<std::string>();
  profile.region = row.Next<std::string>();
  profile.size = row.Next<std::string>();
  profile.source = row.Next<std::string>();
  profile.grade = FromWord<Grade>(row.Next<std::string>()).value();
  profile.parent_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
  profile.tags = row.Next<std::vector<std::string>>();
  profile.time_zone = row.Next<std::string>();
  profile.external_id = row.Next<std::string>();
  profile.attributes = Unpacked(row.Next<std::vector<std::string>>());
  customer.lifecycle = FromWord<Lifecycle>(row.Next<std::string>()).value();
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

CustomerStore::Holders CustomerStore::FindHolders(const std::vector<UniqueName>& names) {
  Holders holders;
  if (names.empty()) return holders;
  std::vector<std::string> kinds, values;
  for (const auto& [kind, value] : names) {
    kinds.push_back(kind);
    values.push_back(value);
  }
  for (db::Row row : tx_.Query(kFindHolders, {kinds, values})) {
    std::string kind = row.Next<std::string>(), value = row.Next<std::string>();
    holders.emplace(UniqueName(std::move(kind), std::move(value)), row.Next<Uuid>());
  }
  return holders;
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

bool CustomerStore::Save(const work::Tracked<Customer>& customers, const std::vector<LifecycleMove>& moves,
                         const std::vector<const Customer*>& renamed) {
  const std::vector<const Customer*> added = customers.Added();
  const ChangedRows<Customer> changed(customers);
  if (!Write(tx_, kInsert, added) || !Write(tx_, kUpdate, changed.rows, changed.loaded_versions))
    return false;

  DeleteNames(renamed);
  std::vector<const Customer*> named = added;
  named.insert(named.end(), renamed.begin(), renamed.end());
  if (!InsertNames(named)) return false;

  Append(moves);
  return true;
}

void CustomerStore::DeleteNames(const std::vector<const Customer*>& customers) {
  if (customers.empty()) return;
  tx_.Query(kDeleteNames, {Column(customers, [](const Customer& c) { return c.id; })});
}

bool CustomerStore::InsertNames(const std::vector<const Customer*>& customers) {
  std::vector<Uuid> ids;
  std::vector<std::string> kinds, values;
  for (const Customer* customer : customers)
    for (auto& [kind, value] : UniqueNames(customer->profile)) {
      ids.push_back(customer->id);
      kinds.push_back(kind);
      values.push_back(value);
    }
  if (ids.empty()) return true;
  return tx_.Query(kInsertNames, {ids, kinds, values}).size() == static_cast<int>(ids.size());
}

void CustomerStore::Append(const std::vector<LifecycleMove>& moves) {
  if (moves.empty()) return;
  std::vector<const LifecycleMove*> rows;
  for (const LifecycleMove& move : moves) rows.push_back(&move);
  using M = LifecycleMove;
  const auto column = [&rows](auto get) { return Column(rows, get); };
  tx_.Query(
      kAppendMoves,
      {column([](const M& m) { return m.customer_id; }), column([](const M& m) { return m.id; }),
       column([](const M& m) { return m.from ? std::optional(Word(*m.from)) : std::nullopt; }),
       column([](const M& m) { return Word(m.to); }), column([](const M& m) { return Word(m.cause); }),
       column([](const M& m) { return m.reason; }), column([](const M& m) { return NullIfNil(m.cause_id); }),
       column([](const M& m) { return m.won_back; }), column([](const M& m) { return m.actor_id; }),
       column([](const M& m) { return m.time; })});
}

}  // namespace crm::customer
