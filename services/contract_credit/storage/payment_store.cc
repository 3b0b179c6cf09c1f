#include "services/contract_credit/storage/payment_store.h"

#include "absl/container/flat_hash_map.h"
#include "common/db/columns.h"

#define CRM_PAYMENT_COLUMNS                                                                               \
  "contract_id, id, amount_minor, currency, received_time, method, reference, recorded_by, create_time, " \
  "reversed_time, reverse_reason"

namespace crm::contract {
namespace {

using db::Column;
using db::NullIfNil;

constexpr db::Statement kLoad{"load_payments", "SELECT " CRM_PAYMENT_COLUMNS
                                               " FROM payment WHERE contract_id = ANY($1::uuid[])"
                                               " AND id = ANY($2::uuid[])"};

constexpr db::Statement kList{"list_payments",
                              "SELECT " CRM_PAYMENT_COLUMNS
                              " FROM payment WHERE contract_id = $1"
                              " AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"};

constexpr db::Statement kLoadAllocations{"load_payment_allocations", R"(
SELECT payment_id, instalment_number, amount_minor FROM payment_allocation
 WHERE contract_id = ANY($1::uuid[]) AND payment_id = ANY($2::uuid[]) ORDER BY payment_id, instalment_number)"};

constexpr db::Statement kInsert{"insert_payments", R"(
INSERT INTO payment (contract_id, id, amount_minor, currency, allocated_minor, received_time, method, reference,
                     recorded_by, create_time, reversed_time, reverse_reason)
SELECT u.contract_id, u.id, u.amount_minor, u.currency, u.allocated_minor, u.received_time, u.method, u.reference,
       u.recorded_by, u.create_time, NULL, ''
  FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[], $6::timestamptz[], $7::text[],
              $8::text[], $9::uuid[], $10::timestamptz[])
       AS u(contract_id, id, amount_minor, currency, allocated_minor, received_time, method, reference, recorded_by,
            create_time))"};

constexpr db::Statement kInsertAllocations{"insert_payment_allocations", R"(
INSERT INTO payment_allocation (contract_id, payment_id, instalment_number, amount_minor)
SELECT u.contract_id, u.payment_id, u.instalment_number, u.amount_minor
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::bigint[])
       AS u(contract_id, payment_id, instalment_number, amount_minor))"};

constexpr db::Statement kMarkReversed{"mark_payments_reversed", R"(
UPDATE payment p SET reversed_time = u.reversed_time, reverse_reason = u.reverse_reason
  FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[])
       AS u(contract_id, id, reversed_time, reverse_reason)
 WHERE p.contract_id = u.contract_id AND p.id = u.id)"};

std::vector<Payment> ReadPayments(const db::Rows& rows) {
  std::vector<Payment> payments;
  for (db::Row row : rows) {
    Payment& payment = payments.emplace_back();
    payment.contract_id = row.Next<Uuid>();
    payment.id = row.Next<Uuid>();
    payment.amount.minor_units = row.Next<std::int64_t>();
    payment.amount.currency = row.Next<std::string>();
    payment.received_time = row.Next<absl::Time>();
    payment.method = row.Next<std::string>();
    payment.reference = row.Next<std::string>();
    payment.recorded_by = row.Next<Uuid>();
    payment.create_time = row.Next<absl::Time>();
    payment.reversed_time = row.Next<std::optional<absl::Time>>();
    payment.reverse_reason = row.Next<std::string>();
  }
  return payments;
}

}  // namespace

std::vector<Payment> PaymentStore::Load(const std::vector<Uuid>& contract_ids, const std::vector<Uuid>& ids) {
  std::vector<Payment> payments = ReadPayments(tx_.Query(kLoad, {contract_ids, ids}));
  ReadAllocations(payments);
  return payments;
}

std::vector<Payment> PaymentStore::List(const Uuid& contract_id, const Uuid& before, int limit) {
  std::vector<Payment> payments = ReadPayments(tx_.Query(kList, {contract_id, NullIfNil(before), limit}));
  ReadAllocations(payments);
  return payments;
}

void PaymentStore::ReadAllocations(std::vector<Payment>& payments) {
  if (payments.empty()) return;
  absl::flat_hash_map<Uuid, Payment*> by_id;
  for (Payment& payment : payments) by_id[payment.id] = &payment;
  const db::Rows rows =
      tx_.Query(kLoadAllocations, {Column(payments, [](const Payment& p) { return p.contract_id; }),
                                   Column(payments, [](const Payment& p) { return p.id; })});
  for (db::Row row : rows) {
    Payment& payment = *by_id.at(row.Next<Uuid>());
    const int number = row.Next<int>();
    payment.allocations.push_back({number, row.Next<std::int64_t>()});
  }
}

void PaymentStore::Insert(const std::vector<Payment>& payments) {
  if (payments.empty()) return;
  tx_.Query(kInsert, {Column(payments, [](const Payment& p) { return p.contract_id; }),
                      Column(payments, [](const Payment& p) { return p.id; }),
                      Column(payments, [](const Payment& p) { return p.amount.minor_units; }),
                      Column(payments, [](const Payment& p) { return p.amount.currency; }),
                      Column(payments, [](const Payment& p) { return p.allocated_minor(); }),
                      Column(payments, [](const Payment& p) { return p.received_time; }),
                      Column(payments, [](const Payment& p) { return p.method; }),
                      Column(payments, [](const Payment& p) { return p.reference; }),
                      Column(payments, [](const Payment& p) { return p.recorded_by; }),
                      Column(payments, [](const Payment& p) { return p.create_time; })});
  struct Line {
    const Payment* payment;
    Allocation allocation;
  };
  std::vector<Line> lines;
  for (const Payment& payment : payments)
    for (const Allocation& allocation : payment.allocations) lines.push_back({&payment, allocation});
  if (lines.empty()) return;
  tx_.Query(kInsertAllocations, {Column(lines, [](const Line& l) { return l.payment->contract_id; }),
                                 Column(lines, [](const Line& l) { return l.payment->id; }),
                                 Column(lines, [](const Line& l) { return l.allocation.instalment_number; }),
                                 Column(lines, [](const Line& l) { return l.allocation.amount_minor; })});
}

void PaymentStore::MarkReversed(const std::vector<Payment>& payments) {
  if (payments.empty()) return;
  tx_.Query(kMarkReversed, {Column(payments, [](const Payment& p) { return p.contract_id; }),
                            Column(payments, [](const Payment& p) { return p.id; }),
                            Column(payments, [](const Payment& p) { return p.reversed_time; }),
                            Column(payments, [](const Payment& p) { return p.reverse_reason; })});
}

}  // namespace crm::contract
