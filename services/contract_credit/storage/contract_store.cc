#include "services/contract_credit/storage/contract_store.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/db/columns.h"

#define CRM_CONTRACT_COLUMNS                                                                          \
  "id, number, quote_id, opportunity_id, customer_id, customer_name, title, product_ids, owner_id, "  \
  "org_unit_id, status, "                                                                             \
  "total_minor, currency, unallocated_minor, time_zone, hold_reasons, hold_excess_minor, hold_time, " \
  "hold_release_time, hold_released_by, hold_release_reason, activate_time, complete_time, version, " \
  "create_time, update_time"

namespace crm::contract {
namespace {

using db::Column;
using db::NullIfNil;

constexpr db::Statement kLoad{"load_contracts",
                              "SELECT " CRM_CONTRACT_COLUMNS " FROM contract WHERE id = ANY($1::uuid[])"};

constexpr db::Statement kLoadInstalments{"load_instalments", R"(
SELECT contract_id, number, amount_minor, paid_minor, share_millionths, agreed_due_date::text,
       days_after_activation, end_of_month, description, due_date::text, due_time, overdue_time, revision
  FROM instalment WHERE contract_id = ANY($1::uuid[]) ORDER BY contract_id, number)"};

constexpr db::Statement kList{"list_contracts", "SELECT " CRM_CONTRACT_COLUMNS R"( FROM contract
 WHERE ($1::uuid IS NULL OR owner_id = $1)
   AND ($2::uuid IS NULL OR owner_id = $2)
   AND ($3::uuid IS NULL OR customer_id = $3)
   AND ($4::text IS NULL OR status = $4)
   AND (NOT $5::boolean OR (status = 'ACTIVE' AND next_due_date < ($6::timestamptz AT TIME ZONE time_zone)::date))
   AND ($7::uuid IS NULL OR quote_id = $7)
   AND (create_time, id) < ($8::timestamptz, $9::uuid)
 ORDER BY create_time DESC, id DESC LIMIT $10)"};

constexpr db::Statement kInsert{"insert_contracts", R"(
INSERT INTO contract (id, number, quote_id, opportunity_id, customer_id, customer_name, title, product_ids, owner_id,
                      org_unit_id, status, total_minor, currency, paid_minor, unallocated_minor, time_zone, next_due_date,
                      activate_time, complete_time, version, create_time, update_time)
SELECT u.id, u.number, u.quote_id, u.opportunity_id, u.customer_id, u.customer_name, u.title,
       string_to_array(u.product_ids, ',')::uuid[], u.owner_id, u.org_unit_id, u.status, u.total_minor, u.currency, 0, 0, u.time_zone, NULL, NULL, NULL, u.version,
       u.create_time, u.create_time
  FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::uuid[],
              $9::uuid[], $10::text[], $11::bigint[], $12::text[], $13::text[], $14::bigint[], $15::timestamptz[],
              $16::text[])
       AS u(id, number, quote_id, opportunity_id, customer_id, customer_name, title, owner_id, org_unit_id, status,
            total_minor, currency, time_zone, version, create_time, product_ids)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_contracts", R"(
UPDATE contract c
   SET status = u.status, paid_minor = u.paid_minor, unallocated_minor = u.unallocated_minor,
       time_zone = u.time_zone, next_due_date = u.next_due_date, hold_reasons = u.hold_reasons,
       hold_excess_minor = u.hold_excess_minor, hold_time = u.hold_time, hold_release_time = u.hold_release_time,
       hold_released_by = u.hold_released_by, hold_release_reason = u.hold_release_reason,
       activate_time = u.activate_time, complete_time = u.complete_time, version = u.version,
       update_time = u.update_time
  FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::date[], $7::text[], $8::bigint[],
              $9::timestamptz[], $10::timestamptz[], $11::uuid[], $12::text[], $13::timestamptz[],
              $14::timestamptz[], $15::bigint[], $16::timestamptz[], $17::bigint[])
       AS u(id, status, paid_minor, unallocated_minor, time_zone, next_due_date, hold_reasons, hold_excess_minor,
            hold_time, hold_release_time, hold_released_by, hold_release_reason, activate_time, complete_time,
            version, update_time, loaded_version)
 WHERE c.id = u.id AND c.version = u.loaded_version
RETURNING c.id)"};

// The schedule of a contract that is not in force may have become shorter.
constexpr db::Statement kTrimInstalments{"trim_instalments", R"(
DELETE FROM instalment i USING unnest($1::uuid[], $2::integer[]) AS u(contract_id, count)
 WHERE i.contract_id = u.contract_id AND i.number > u.count)"};

constexpr db::Statement kSaveInstalments{"save_instalments", R"(
INSERT INTO instalment (contract_id, number, amount_minor, paid_minor, share_millionths, agreed_due_date,
                        days_after_activation, end_of_month, description, due_date, due_time, overdue_time,
                        revision)
SELECT u.contract_id, u.number, u.amount_minor, u.paid_minor, u.share_millionths, u.agreed_due_date,
       u.days_after_activation, u.end_of_month, u.description, u.due_date, u.due_time, u.overdue_time, u.revision
  FROM unnest($1::uuid[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::date[], $7::integer[],
              $8::boolean[], $9::date[], $10::timestamptz[], $11::timestamptz[], $12::bigint[],
              $13::text[])
       AS u(contract_id, number, amount_minor, paid_minor, share_millionths, agreed_due_date,
            days_after_activation, end_of_month, due_date, due_time, overdue_time, revision, description)
ON CONFLICT (contract_id, number) DO UPDATE
   SET amount_minor = EXCLUDED.amount_minor, paid_minor = EXCLUDED.paid_minor,
       share_millionths = EXCLUDED.share_millionths, agreed_due_date = EXCLUDED.agreed_due_date,
       days_after_activation = EXCLUDED.days_after_activation, end_of_month = EXCLUDED.end_of_month,
       description = EXCLUDED.description,
       due_date = EXCLUDED.due_date, due_time = EXCLUDED.due_time, overdue_time = EXCLUDED.overdue_time,
       revision = EXCLUDED.revision)"};

Contract ReadContract(db::Row row) {
  Contract c;
  c.id = row.Next<Uuid>();
  c.number = row.Next<std::string>();
  c.quote_id = row.Next<Uuid>();
  c.opportunity_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
  c.customer_id = row.Next<std::optional<Uuid>>().value_or(Uuid());
  c.customer_name = row.Next<std::string>();
  c.title = row.Next<std::string>();
  c.product_ids = row.Next<std::vector<Uuid>>();
  c.owner_id = row.Next<Uuid>();
  c.org_unit_id = row.Next<Uuid>();
  c.status = ParseContractStatus(row.Next<std::string>()).value();
  c.total.minor_units = row.Next<std::int64_t>();
  c.total.currency = row.Next<std::string>();
  c.unallocated_minor = row.Next<std::int64_t>();
  c.time_zone = row.Next<std::string>();
  const auto reasons = row.Next<std::optional<std::string>>();
  const auto excess = row.Next<std::optional<std::int64_t>>();
  const auto held = row.Next<std::optional<absl::Time>>();
  const auto released = row.Next<std::optional<absl::Time>>();
  const auto released_by = row.Next<std::optional<Uuid>>();
  const auto release_reason = row.Next<std::optional<std::string>>();
  if (reasons && held) {
    c.hold = CreditHold{absl::StrSplit(*reasons, ',', absl::SkipEmpty()),
                        excess.value_or(0),
                        *held,
                        released,
                        released_by.value_or(Uuid()),
                        release_reason.value_or("")};
  }
  c.activate_time = row.Next<std::optional<absl::Time>>();
  c.complete_time = row.Next<std::optional<absl::Time>>();
  c.version = row.Next<std::int64_t>();
  c.create_time = row.Next<absl::Time>();
  c.update_time = row.Next<absl::Time>();
  return c;
}

std::vector<Contract> ReadContracts(const db::Rows& rows) {
  std::vector<Contract> contracts;
  for (db::Row row : rows) contracts.push_back(ReadContract(row));
  return contracts;
}

std::string Joined(const std::vector<Uuid>& ids) {
  return absl::StrJoin(ids, ",", [](std::string* out, const Uuid& id) { out->append(id.ToString()); });
}

std::optional<absl::CivilDay> NextDueDate(const Contract& c) {
  std::optional<absl::CivilDay> next;
  for (const Instalment& instalment : c.instalments)
    if (!instalment.paid() && instalment.due_date)
      next = next ? std::min(*next, *instalment.due_date) : instalment.due_date;
  return next;
}

// A column of what a hold has, NULL where there is none.
template <class Get>
auto HoldColumn(const std::vector<const Contract*>& contracts, Get get) {
  using Value = std::decay_t<std::invoke_result_t<Get, const CreditHold&>>;
  return Column(contracts, [&](const Contract* c) {
    return c->hold ? std::optional<Value>(get(*c->hold)) : std::optional<Value>();
  });
}

}  // namespace

work::Tracked<Contract> ContractStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<Contract> tracked;
  for (Contract& c : Get(ids)) tracked.AddLoaded(std::move(c));
  return tracked;
}

std::vector<Contract> ContractStore::Get(const std::vector<Uuid>& ids) {
  std::vector<Contract> contracts;
  if (!ids.empty()) contracts = ReadContracts(tx_.Query(kLoad, {ids}));
  ReadInstalments(contracts);
  return contracts;
}

std::vector<Contract> ContractStore::List(const auth::Scope& scope, const ContractFilter& filter,
                                          const ContractCursor& after, absl::Time now, int limit) {
  const std::optional<std::string> status =
      filter.status ? std::optional<std::string>(Name(*filter.status)) : std::nullopt;
  std::vector<Contract> contracts = ReadContracts(
      tx_.Query(kList, {scope.owner(), filter.owner_id, filter.customer_id, status, filter.overdue_only, now,
                        filter.quote_id, after.create_time, after.id, limit}));
  ReadInstalments(contracts);
  return contracts;
}

void ContractStore::ReadInstalments(std::vector<Contract>& contracts) {
  if (contracts.empty()) return;
  absl::flat_hash_map<Uuid, Contract*> by_id;
  for (Contract& c : contracts) by_id[c.id] = &c;
  const db::Rows rows =
      tx_.Query(kLoadInstalments, {Column(contracts, [](const Contract& c) { return c.id; })});
  for (db::Row row : rows) {
    Instalment& instalment = by_id.at(row.Next<Uuid>())->instalments.emplace_back();
    instalment.number = row.Next<int>();
    instalment.amount_minor = row.Next<std::int64_t>();
    instalment.paid_minor = row.Next<std::int64_t>();
    if (const auto share = row.Next<std::optional<std::int64_t>>()) instalment.share = Share{*share};
    instalment.due.date = row.Next<std::optional<absl::CivilDay>>();
    instalment.due.days_after_activation = row.Next<int>();
    instalment.due.end_of_month = row.Next<bool>();
    instalment.description = row.Next<std::string>();
    instalment.due_date = row.Next<std::optional<absl::CivilDay>>();
    instalment.due_time = row.Next<std::optional<absl::Time>>();
    instalment.overdue_time = row.Next<std::optional<absl::Time>>();
    instalment.revision = row.Next<std::int64_t>();
  }
}

bool ContractStore::Save(const work::Tracked<Contract>& contracts) {
  const std::vector<const Contract*> added = contracts.Added();
  if (!added.empty()) {
    const db::Rows inserted =
        tx_.Query(kInsert, {Column(added, [](const Contract* c) { return c->id; }),
                            Column(added, [](const Contract* c) { return c->number; }),
                            Column(added, [](const Contract* c) { return c->quote_id; }),
                            Column(added, [](const Contract* c) { return NullIfNil(c->opportunity_id); }),
                            Column(added, [](const Contract* c) { return NullIfNil(c->customer_id); }),
                            Column(added, [](const Contract* c) { return c->customer_name; }),
                            Column(added, [](const Contract* c) { return c->title; }),
                            Column(added, [](const Contract* c) { return c->owner_id; }),
                            Column(added, [](const Contract* c) { return c->org_unit_id; }),
                            Column(added, [](const Contract* c) { return Name(c->status); }),
                            Column(added, [](const Contract* c) { return c->total.minor_units; }),
                            Column(added, [](const Contract* c) { return c->total.currency; }),
                            Column(added, [](const Contract* c) { return c->time_zone; }),
                            Column(added, [](const Contract* c) { return c->version; }),
                            Column(added, [](const Contract* c) { return c->create_time; }),
                            Column(added, [](const Contract* c) { return Joined(c->product_ids); })});
    if (inserted.size() != static_cast<int>(added.size())) return false;
  }
  const auto changed = contracts.Changed();
  if (!changed.empty()) {
    const auto rows = Column(changed, [](const auto* entry) { return &entry->value; });
    const db::Rows updated = tx_.Query(
        kUpdate,
        {Column(rows, [](const Contract* c) { return c->id; }),
         Column(rows, [](const Contract* c) { return Name(c->status); }),
         Column(rows, [](const Contract* c) { return c->paid_minor(); }),
         Column(rows, [](const Contract* c) { return c->unallocated_minor; }),
         Column(rows, [](const Contract* c) { return c->time_zone; }),
         Column(rows, [](const Contract* c) { return NextDueDate(*c); }),
         HoldColumn(rows, [](const CreditHold& hold) { return absl::StrJoin(hold.reasons, ","); }),
         HoldColumn(rows, [](const CreditHold& hold) { return hold.excess_minor; }),
         HoldColumn(rows, [](const CreditHold& hold) { return hold.held_time; }),
         Column(rows, [](const Contract* c) { return c->hold ? c->hold->released_time : std::nullopt; }),
         Column(rows,
                [](const Contract* c) { return c->hold ? NullIfNil(c->hold->released_by) : std::nullopt; }),
         HoldColumn(rows, [](const CreditHold& hold) { return hold.release_reason; }),
         Column(rows, [](const Contract* c) { return c->activate_time; }),
         Column(rows, [](const Contract* c) { return c->complete_time; }),
         Column(rows, [](const Contract* c) { return c->version; }),
         Column(rows, [](const Contract* c) { return c->update_time; }),
         Column(changed, [](const auto* entry) { return entry->loaded_version; })});
    if (updated.size() != static_cast<int>(changed.size())) return false;
  }
  SaveInstalments(added, changed);
  return true;
}

void ContractStore::SaveInstalments(const std::vector<const Contract*>& added,
                                    const std::vector<const work::Tracked<Contract>::Entry*>& changed) {
  struct Line {
    Uuid contract_id;
    const Instalment* instalment;
  };
  std::vector<Line> lines;
  const auto collect = [&](const Contract& c, std::int64_t loaded_version) {
    for (const Instalment& instalment : c.instalments)
      if (instalment.revision > loaded_version) lines.push_back({c.id, &instalment});
  };
  for (const Contract* c : added) collect(*c, 0);
  std::vector<const Contract*> drafts;
  for (const auto* entry : changed) {
    collect(entry->value, entry->loaded_version);
    if (IsNegotiable(entry->value)) drafts.push_back(&entry->value);
  }
  if (!drafts.empty()) {
    tx_.Query(kTrimInstalments,
              {Column(drafts, [](const Contract* c) { return c->id; }),
               Column(drafts, [](const Contract* c) { return static_cast<int>(c->instalments.size()); })});
  }
  if (lines.empty()) return;
  tx_.Query(kSaveInstalments,
            {Column(lines, [](const Line& l) { return l.contract_id; }),
             Column(lines, [](const Line& l) { return l.instalment->number; }),
             Column(lines, [](const Line& l) { return l.instalment->amount_minor; }),
             Column(lines, [](const Line& l) { return l.instalment->paid_minor; }),
             Column(lines,
                    [](const Line& l) {
                      return l.instalment->share ? std::optional(l.instalment->share->millionths)
                                                 : std::nullopt;
                    }),
             Column(lines, [](const Line& l) { return l.instalment->due.date; }),
             Column(lines, [](const Line& l) { return l.instalment->due.days_after_activation; }),
             Column(lines, [](const Line& l) { return l.instalment->due.end_of_month; }),
             Column(lines, [](const Line& l) { return l.instalment->due_date; }),
             Column(lines, [](const Line& l) { return l.instalment->due_time; }),
             Column(lines, [](const Line& l) { return l.instalment->overdue_time; }),
             Column(lines, [](const Line& l) { return l.instalment->revision; }),
             Column(lines, [](const Line& l) { return l.instalment->description; })});
}

}  // namespace crm::contract
