#include "services/contract_credit/storage/customer_reference_store.h"

#include <map>

#include "common/db/columns.h"

namespace crm::contract {
namespace {

using db::Column;

constexpr db::Statement kLoad{"load_customer_references", R"(
SELECT id, name, owner_id, org_unit_id, time_zone FROM customer WHERE id = ANY($1::uuid[]))"};

constexpr db::Statement kSave{"save_customer_references", R"(
INSERT INTO customer (id, name, owner_id, org_unit_id, time_zone, update_time)
SELECT u.id, u.name, u.owner_id, u.org_unit_id, u.time_zone, $6
  FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[])
       AS u(id, name, owner_id, org_unit_id, time_zone)
ON CONFLICT (id) DO UPDATE
   SET name = EXCLUDED.name, owner_id = EXCLUDED.owner_id, org_unit_id = EXCLUDED.org_unit_id,
       time_zone = EXCLUDED.time_zone, update_time = EXCLUDED.update_time)"};

}  // namespace

absl::flat_hash_map<Uuid, CustomerReference> CustomerReferenceStore::Load(const std::vector<Uuid>& ids) {
  absl::flat_hash_map<Uuid, CustomerReference> customers;
  if (ids.empty()) return customers;
  for (db::Row row : tx_.Query(kLoad, {ids})) {
    CustomerReference customer;
    customer.id = row.Next<Uuid>();
    customer.name = row.Next<std::string>();
    customer.owner_id = row.Next<Uuid>();
    customer.org_unit_id = row.Next<Uuid>();
    customer.time_zone = row.Next<std::string>();
    customers[customer.id] = std::move(customer);
  }
  return customers;
}

void CustomerReferenceStore::Save(const std::vector<CustomerReference>& customers) {
  if (customers.empty()) return;
  std::map<Uuid, const CustomerReference*>
      last;  // in one order for all, so that two never wait for each other
  for (const CustomerReference& customer : customers) last[customer.id] = &customer;
  std::vector<const CustomerReference*> rows;
  for (const auto& [id, customer] : last) rows.push_back(customer);
  tx_.Query(kSave, {Column(rows, [](const CustomerReference* c) { return c->id; }),
                    Column(rows, [](const CustomerReference* c) { return c->name; }),
                    Column(rows, [](const CustomerReference* c) { return c->owner_id; }),
                    Column(rows, [](const CustomerReference* c) { return c->org_unit_id; }),
                    Column(rows, [](const CustomerReference* c) { return c->time_zone; }), tx_.now()});
}

}  // namespace crm::contract
