#include "services/opportunity/storage/quote_store.h"

#include <map>

#include "services/opportunity/domain/names.h"
#include "services/opportunity/storage/columns.h"

namespace crm::opportunity {
namespace {

#define CRM_QUOTE_COLUMNS                                                                                 \
  "id, number, opportunity_id, opportunity_name, lead_id, customer_id, customer_name, name, currency, "   \
  "discount_minor, subtotal_minor, net_minor, tax_minor, total_minor, valid_until, status, submit_time, " \
  "accept_time, owner_id, org_unit_id, version, create_time, update_time"

constexpr db::Statement kLoad{"load_quotes",
                              "SELECT " CRM_QUOTE_COLUMNS " FROM quote WHERE id = ANY($1::uuid[])"};

constexpr db::Statement kLoadLines{"load_quote_lines", R"(
SELECT quote_id, product_id, product_name, quantity, unit_price_minor, discount, gross_minor, net_minor, tax_rate,
       tax_minor
  FROM quote_line WHERE quote_id = ANY($1::uuid[]) ORDER BY quote_id, ordinal)"};

constexpr db::Statement kLoadInstalments{"load_quote_instalments", R"(
SELECT quote_id, label, share, days_after_activation, amount_minor
  FROM quote_instalment WHERE quote_id = ANY($1::uuid[]) ORDER BY quote_id, ordinal)"};

constexpr db::Statement kList{"list_quotes", "SELECT " CRM_QUOTE_COLUMNS R"( FROM quote
 WHERE ($1::uuid IS NULL OR owner_id = $1) AND ($2::uuid IS NULL OR opportunity_id = $2)
   AND ($3::text IS NULL OR status = $3) AND ($4::timestamptz IS NULL OR (create_time, id) < ($4, $5::uuid))
 ORDER BY create_time DESC, id DESC LIMIT $6)"};

constexpr db::Statement kInsert{"insert_quotes", "INSERT INTO quote (" CRM_QUOTE_COLUMNS R"()
SELECT u.id, u.number, u.opportunity_id, u.opportunity_name, u.lead_id, u.customer_id, u.customer_name, u.name,
       u.currency, u.discount_minor, u.subtotal_minor, u.net_minor, u.tax_minor, u.total_minor, u.valid_until,
       u.status, NULL, NULL, u.owner_id, u.org_unit_id, u.version, $20, $20
  FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
              $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::date[],
              $16::text[], $17::uuid[], $18::uuid[], $19::bigint[])
       AS u(id, number, opportunity_id, opportunity_name, lead_id, customer_id, customer_name, name, currency,
            discount_minor, subtotal_minor, net_minor, tax_minor, total_minor, valid_until, status, owner_id,
            org_unit_id, version)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kInsertLines{"insert_quote_lines", R"(
INSERT INTO quote_line (quote_id, ordinal, product_id, product_name, quantity, unit_price_minor, discount,
                        gross_minor, net_minor, tax_rate, tax_minor)
SELECT u.quote_id, u.ordinal, u.product_id, u.product_name, u.quantity, u.unit_price_minor, u.discount,
       u.gross_minor, u.net_minor, u.tax_rate, u.tax_minor
  FROM unnest($1::uuid[], $2::integer[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::integer[],
              $8::bigint[], $9::bigint[], $10::integer[], $11::bigint[])
       AS u(quote_id, ordinal, product_id, product_name, quantity, unit_price_minor, discount, gross_minor,
            net_minor, tax_rate, tax_minor))"};

constexpr db::Statement kInsertInstalments{"insert_quote_instalments", R"(
INSERT INTO quote_instalment (quote_id, ordinal, label, share, days_after_activation, amount_minor)
SELECT u.quote_id, u.ordinal, u.label, u.share, u.days_after_activation, u.amount_minor
  FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::integer[], $5::integer[], $6::bigint[])
       AS u(quote_id, ordinal, label, share, days_after_activation, amount_minor))"};

constexpr db::Statement kUpdate{"update_quotes", R"(
UPDATE quote q
   SET status = u.status, submit_time = u.submit_time, accept_time = u.accept_time, version = u.version,
       update_time = $7
  FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::bigint[])
       AS u(id, status, submit_time, accept_time, version, loaded_version)
 WHERE q.id = u.id AND q.version = u.loaded_version
RETURNING q.id)"};

Quote ReadQuote(db::Row row) {
  Quote q;
  q.id = row.Next<Uuid>();
  q.number = row.Next<std::string>();
  q.opportunity_id = row.Next<Uuid>();
  q.opportunity_name = row.Next<std::string>();
  q.lead_id = row.Next<std::optional<Uuid>>();
  q.customer_id = row.Next<std::optional<Uuid>>();
  q.customer_name = row.Next<std::string>();
  q.name = row.Next<std::string>();
  q.currency = row.Next<std::string>();
  q.discount = row.Next<std::int64_t>();
  q.subtotal = row.Next<std::int64_t>();
  q.net = row.Next<std::int64_t>();
  q.tax = row.Next<std::int64_t>();
  q.total = row.Next<std::int64_t>();
  q.valid_until = row.Next<absl::CivilDay>();
  q.status = FromName<Quote::Status>(row.Next<std::string>()).value();
  q.submit_time = row.Next<std::optional<absl::Time>>();
  q.accept_time = row.Next<std::optional<absl::Time>>();
  q.owner_id = row.Next<Uuid>();
  q.org_unit_id = row.Next<Uuid>();
  q.version = row.Next<std::int64_t>();
  q.create_time = row.Next<absl::Time>();
  q.update_time = row.Next<absl::Time>();
  return q;
}

QuoteLine ReadLine(db::Row& row) {
  QuoteLine line;
  line.product_id = row.Next<Uuid>();
  line.product_name = row.Next<std::string>();
  line.quantity = row.Next<std::int64_t>();
  line.unit_price = row.Next<std::int64_t>();
  line.discount = row.Next<int>();
  line.gross = row.Next<std::int64_t>();
  line.net = row.Next<std::int64_t>();
  line.tax_rate = row.Next<int>();
  line.tax = row.Next<std::int64_t>();
  return line;
}

Instalment ReadInstalment(db::Row& row) {
  Instalment part;
  part.label = row.Next<std::string>();
  part.share = row.Next<int>();
  part.days_after_activation = row.Next<int>();
  part.amount = row.Next<std::int64_t>();
  return part;
}

// The parts of all `quotes` in one list, with the quote and the place of each.
template <class Part>
struct Parts {
  Parts(const std::vector<const Quote*>& quotes, std::vector<Part> Quote::*list) {
    for (const Quote* quote : quotes)
      for (const Part& part : quote->*list) {
        quote_ids.push_back(quote->id);
        ordinals.push_back(static_cast<int>(&part - (quote->*list).data()));
        rows.push_back(&part);
      }
  }
  std::vector<Uuid> quote_ids;
  std::vector<int> ordinals;
  std::vector<const Part*> rows;
};

}  // namespace

work::Tracked<Quote> QuoteStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<Quote> quotes;
  if (ids.empty()) return quotes;
  for (db::Row row : tx_.Query(kLoad, {ids})) quotes.AddLoaded(ReadQuote(row));
  std::vector<Quote*> found;
  for (const Uuid& id : ids)
    if (Quote* quote = quotes.Find(id)) found.push_back(quote);
  LoadParts(found);
  return quotes;
}

std::vector<Quote> QuoteStore::List(const auth::Scope& scope, const QuoteFilter& filter, const Page& page) {
  std::vector<Quote> quotes;
  const auto status = filter.status ? std::optional(Name(*filter.status)) : std::nullopt;
  for (db::Row row :
       tx_.Query(kList, {scope.owner(), filter.opportunity_id, status, TimeOf(page), IdOf(page), page.limit}))
    quotes.push_back(ReadQuote(row));
  std::vector<Quote*> pointers;
  for (Quote& quote : quotes) pointers.push_back(&quote);
  LoadParts(pointers);
  return quotes;
}

void QuoteStore::LoadParts(const std::vector<Quote*>& quotes) {
  if (quotes.empty()) return;
  std::vector<Uuid> ids;
  std::map<Uuid, Quote*> by_id;
  for (Quote* quote : quotes) {
    ids.push_back(quote->id);
    by_id.emplace(quote->id, quote);
  }
  for (db::Row row : tx_.Query(kLoadLines, {ids})) {
    Quote* quote = by_id.at(row.Next<Uuid>());
    quote->lines.push_back(ReadLine(row));
  }
  for (db::Row row : tx_.Query(kLoadInstalments, {ids})) {
    Quote* quote = by_id.at(row.Next<Uuid>());
    quote->instalments.push_back(ReadInstalment(row));
  }
}

void QuoteStore::InsertParts(const std::vector<const Quote*>& quotes) {
  const Parts lines(quotes, &Quote::lines);
  const auto line = [&](auto member) { return Column(lines.rows, member); };
  tx_.Query(kInsertLines, {lines.quote_ids, lines.ordinals, line(&QuoteLine::product_id),
                           line(&QuoteLine::product_name), line(&QuoteLine::quantity),
                           line(&QuoteLine::unit_price), line(&QuoteLine::discount), line(&QuoteLine::gross),
                           line(&QuoteLine::net), line(&QuoteLine::tax_rate), line(&QuoteLine::tax)});
  const Parts terms(quotes, &Quote::instalments);
  const auto term = [&](auto member) { return Column(terms.rows, member); };
  tx_.Query(kInsertInstalments,
            {terms.quote_ids, terms.ordinals, term(&Instalment::label), term(&Instalment::share),
             term(&Instalment::days_after_activation), term(&Instalment::amount)});
}

bool QuoteStore::Save(const work::Tracked<Quote>& quotes) {
  using Q = Quote;
  if (const auto rows = quotes.Added(); !rows.empty()) {
    const auto inserted = tx_.Query(kInsert, {Column(rows, &Q::id),
                                              Column(rows, &Q::number),
                                              Column(rows, &Q::opportunity_id),
                                              Column(rows, &Q::opportunity_name),
                                              Column(rows, &Q::lead_id),
                                              Column(rows, &Q::customer_id),
                                              Column(rows, &Q::customer_name),
                                              Column(rows, &Q::name),
                                              Column(rows, &Q::currency),
                                              Column(rows, &Q::discount),
                                              Column(rows, &Q::subtotal),
                                              Column(rows, &Q::net),
                                              Column(rows, &Q::tax),
                                              Column(rows, &Q::total),
                                              Column(rows, [](const Q& q) { return q.valid_until; }),
                                              Column(rows, [](const Q& q) { return Name(q.status); }),
                                              Column(rows, &Q::owner_id),
                                              Column(rows, &Q::org_unit_id),
                                              Column(rows, &Q::version),
                                              tx_.now()});
    if (inserted.size() != static_cast<int>(rows.size())) return false;
    InsertParts(rows);
  }
  const ChangedRows<Q> changed(quotes);
  const auto& rows = changed.rows;
  if (rows.empty()) return true;
  const auto updated =
      tx_.Query(kUpdate, {Column(rows, &Q::id), Column(rows, [](const Q& q) { return Name(q.status); }),
                          Column(rows, &Q::submit_time), Column(rows, &Q::accept_time),
                          Column(rows, &Q::version), changed.loaded_versions, tx_.now()});
  return updated.size() == static_cast<int>(rows.size());
}

}  // namespace crm::opportunity
