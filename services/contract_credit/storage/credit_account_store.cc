#include "services/contract_credit/storage/credit_account_store.h"

#include "common/db/columns.h"

namespace crm::contract {
namespace {

using db::Column;

constexpr db::Statement kLoad{"load_credit_accounts", R"(
SELECT id, customer_id, currency, owner_id, org_unit_id, limit_minor, limit_expire_time, receivable_minor,
       uninvoiced_minor, reserved_minor, ceiling_minor, version, create_time, update_time, customer_name
  FROM credit_account WHERE id = ANY($1::uuid[]))"};

constexpr db::Statement kInsert{"insert_credit_accounts", R"(
INSERT INTO credit_account (id, customer_id, currency, owner_id, org_unit_id, limit_minor, limit_expire_time,
                            receivable_minor, uninvoiced_minor, reserved_minor, ceiling_minor, version, create_time,
                            update_time, customer_name)
SELECT u.id, u.customer_id, u.currency, u.owner_id, u.org_unit_id, u.limit_minor, u.limit_expire_time,
       u.receivable_minor, u.uninvoiced_minor, u.reserved_minor, u.ceiling_minor, u.version, $13, $13,
       u.customer_name
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::bigint[], $7::timestamptz[],
              $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $14::text[])
       AS u(id, customer_id, currency, owner_id, org_unit_id, limit_minor, limit_expire_time, receivable_minor,
            uninvoiced_minor, reserved_minor, ceiling_minor, version, customer_name)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_credit_accounts", R"(
UPDATE credit_account a
   SET limit_minor = u.limit_minor, limit_expire_time = u.limit_expire_time, receivable_minor = u.receivable_minor,
       uninvoiced_minor = u.uninvoiced_minor, reserved_minor = u.reserved_minor, ceiling_minor = u.ceiling_minor,
       version = u.version, update_time = $10, customer_name = u.customer_name
  FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
              $8::bigint[], $9::bigint[], $11::text[])
       AS u(id, limit_minor, limit_expire_time, receivable_minor, uninvoiced_minor, reserved_minor, ceiling_minor,
            version, loaded_version, customer_name)
 WHERE a.id = u.id AND a.version = u.loaded_version
RETURNING a.id)"};

}  // namespace

work::Tracked<CreditAccount> CreditAccountStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<CreditAccount> tracked;
  for (CreditAccount& account : Get(ids)) tracked.AddLoaded(std::move(account));
  return tracked;
}

std::vector<CreditAccount> CreditAccountStore::Get(const std::vector<Uuid>& ids) {
  std::vector<CreditAccount> accounts;
  if (ids.empty()) return accounts;
  for (db::Row row : tx_.Query(kLoad, {ids})) {
    CreditAccount& account = accounts.emplace_back();
    account.id = row.Next<Uuid>();
    account.customer_id = row.Next<Uuid>();
    account.currency = row.Next<std::string>();
    account.owner_id = row.Next<Uuid>();
    account.org_unit_id = row.Next<Uuid>();
    account.limit_minor = row.Next<std::int64_t>();
    account.limit_expire_time = row.Next<std::optional<absl::Time>>();
    account.receivable_minor = row.Next<std::int64_t>();
    account.uninvoiced_minor = row.Next<std::int64_t>();
    account.reserved_minor = row.Next<std::int64_t>();
    account.ceiling_minor = row.Next<std::int64_t>();
    account.version = row.Next<std::int64_t>();
    account.create_time = row.Next<absl::Time>();
    account.update_time = row.Next<absl::Time>();
    account.customer_name = row.Next<std::string>();
  }
  return accounts;
}

bool CreditAccountStore::Save(const work::Tracked<CreditAccount>& accounts) {
  using Account = const CreditAccount*;
  const std::vector<Account> added = accounts.Added();
  if (!added.empty()) {
    const db::Rows inserted =
        tx_.Query(kInsert, {Column(added, [](Account a) { return a->id; }),
                            Column(added, [](Account a) { return a->customer_id; }),
                            Column(added, [](Account a) { return a->currency; }),
                            Column(added, [](Account a) { return a->owner_id; }),
                            Column(added, [](Account a) { return a->org_unit_id; }),
                            Column(added, [](Account a) { return a->limit_minor; }),
                            Column(added, [](Account a) { return a->limit_expire_time; }),
                            Column(added, [](Account a) { return a->receivable_minor; }),
                            Column(added, [](Account a) { return a->uninvoiced_minor; }),
                            Column(added, [](Account a) { return a->reserved_minor; }),
                            Column(added, [](Account a) { return a->ceiling_minor; }),
                            Column(added, [](Account a) { return a->version; }), tx_.now(),
                            Column(added, [](Account a) { return a->customer_name; })});
    if (inserted.size() != static_cast<int>(added.size())) return false;
  }
  const auto changed = accounts.Changed();
  if (changed.empty()) return true;
  const std::vector<Account> rows = Column(changed, [](const auto* entry) { return &entry->value; });
  const db::Rows updated =
      tx_.Query(kUpdate, {Column(rows, [](Account a) { return a->id; }),
                          Column(rows, [](Account a) { return a->limit_minor; }),
                          Column(rows, [](Account a) { return a->limit_expire_time; }),
                          Column(rows, [](Account a) { return a->receivable_minor; }),
                          Column(rows, [](Account a) { return a->uninvoiced_minor; }),
                          Column(rows, [](Account a) { return a->reserved_minor; }),
                          Column(rows, [](Account a) { return a->ceiling_minor; }),
                          Column(rows, [](Account a) { return a->version; }),
                          Column(changed, [](const auto* e) { return e->loaded_version; }), tx_.now(),
                          Column(rows, [](Account a) { return a->customer_name; })});
  return updated.size() == static_cast<int>(changed.size());
}

}  // namespace crm::contract
