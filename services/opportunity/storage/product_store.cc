#include "services/opportunity/storage/product_store.h"

#include "services/opportunity/storage/columns.h"

namespace crm::opportunity {
namespace {

#define CRM_PRODUCT_COLUMNS                                                                          \
  "id, code, name, series, description, list_price_minor, currency, active, owner_id, org_unit_id, " \
  "version, create_time, update_time"

constexpr db::Statement kLoad{"load_products",
                              "SELECT " CRM_PRODUCT_COLUMNS " FROM product WHERE id = ANY($1::uuid[])"};

constexpr db::Statement kFindByCode{"find_products_by_code",
                                    "SELECT code, id FROM product WHERE code = ANY($1::text[])"};

constexpr db::Statement kFindByMatchKey{
    "find_products_by_match_key",
    "SELECT " CRM_PRODUCT_COLUMNS " FROM product WHERE match_key = ANY($1::text[]) ORDER BY create_time, id"};

constexpr db::Statement kList{"list_products", "SELECT " CRM_PRODUCT_COLUMNS R"( FROM product
 WHERE ($1::uuid IS NULL OR owner_id = $1) AND ($2::timestamptz IS NULL OR (create_time, id) < ($2, $3::uuid))
 ORDER BY create_time DESC, id DESC LIMIT $4)"};

constexpr db::Statement kInsert{"insert_products", R"(
INSERT INTO product (id, code, name, match_key, series, description, list_price_minor, currency, active, owner_id,
                     org_unit_id, version, create_time, update_time)
SELECT u.id, u.code, u.name, u.match_key, u.series, u.description, u.list_price_minor, u.currency, u.active,
       u.owner_id, u.org_unit_id, u.version, $13, $13
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[],
              $9::boolean[], $10::uuid[], $11::uuid[], $12::bigint[])
       AS u(id, code, name, match_key, series, description, list_price_minor, currency, active, owner_id,
            org_unit_id, version)
ON CONFLICT DO NOTHING
RETURNING id)"};

Product ReadProduct(db::Row row) {
  Product p;
  p.id = row.Next<Uuid>();
  p.code = row.Next<std::string>();
  p.name = row.Next<std::string>();
  p.series = row.Next<std::string>();
  p.description = row.Next<std::string>();
  p.list_price.minor_units = row.Next<std::int64_t>();
  p.list_price.currency = row.Next<std::string>();
  p.active = row.Next<bool>();
  p.owner_id = row.Next<Uuid>();
  p.org_unit_id = row.Next<Uuid>();
  p.version = row.Next<std::int64_t>();
  p.create_time = row.Next<absl::Time>();
  p.update_time = row.Next<absl::Time>();
  return p;
}

std::vector<Product> ReadProducts(const db::Rows& rows) {
  std::vector<Product> products;
  for (db::Row row : rows) products.push_back(ReadProduct(row));
  return products;
}

}  // namespace

work::Tracked<Product> ProductStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<Product> products;
  if (ids.empty()) return products;
  for (db::Row row : tx_.Query(kLoad, {ids})) products.AddLoaded(ReadProduct(row));
  return products;
}

std::map<std::string, Uuid> ProductStore::FindByCode(const std::vector<std::string>& codes) {
  std::map<std::string, Uuid> found;
  if (codes.empty()) return found;
  for (db::Row row : tx_.Query(kFindByCode, {codes})) {
    std::string code = row.Next<std::string>();
    found.emplace(std::move(code), row.Next<Uuid>());
  }
  return found;
}

std::vector<Product> ProductStore::FindByMatchKey(const std::vector<std::string>& match_keys) {
  if (match_keys.empty()) return {};
  return ReadProducts(tx_.Query(kFindByMatchKey, {match_keys}));
}

std::vector<Product> ProductStore::List(const auth::Scope& scope, const Page& page) {
  return ReadProducts(tx_.Query(kList, {scope.owner(), TimeOf(page), IdOf(page), page.limit}));
}

bool ProductStore::Insert(const work::Tracked<Product>& products) {
  const auto rows = products.Added();
  if (rows.empty()) return true;
  using P = Product;
  const auto inserted = tx_.Query(
      kInsert,
      {Column(rows, &P::id), Column(rows, &P::code), Column(rows, &P::name),
       Column(rows, [](const P& p) { return ProductKey(p.name); }), Column(rows, &P::series),
       Column(rows, &P::description), Column(rows, [](const P& p) { return p.list_price.minor_units; }),
       Column(rows, [](const P& p) { return p.list_price.currency; }), Column(rows, &P::active),
       Column(rows, &P::owner_id), Column(rows, &P::org_unit_id), Column(rows, &P::version), tx_.now()});
  return inserted.size() == static_cast<int>(rows.size());
}

}  // namespace crm::opportunity
