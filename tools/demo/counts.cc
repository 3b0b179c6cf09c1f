#include "tools/demo/counts.h"

#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"

namespace crm::demo {
namespace {

// $1 is the import.
constexpr char kImport[] =
    "SELECT rows_read, rows_rejected, rows_duplicate FROM guanxi_customer.lead_import WHERE id = $1";

// Assigned: somebody has it, or had it when it was closed.
constexpr char kLeads[] = R"(
SELECT count(*), count(*) FILTER (WHERE assigned), count(*) FILTER (WHERE NOT assigned AND waiting_since IS NOT NULL),
       count(*) FILTER (WHERE NOT assigned AND waiting_since IS NULL AND NOT closed)
  FROM (SELECT waiting_since, closed,
               EXISTS (SELECT FROM guanxi_customer.lead_assignment a
                        WHERE a.lead_id = l.id AND a.owner_id = l.owner_id AND (a.active OR closed)) AS assigned
          FROM guanxi_customer.lead l
         CROSS JOIN LATERAL (SELECT state IN ('CONVERTED', 'DISQUALIFIED') AS closed) AS life
         WHERE import_id = $1) AS leads)";

constexpr char kDoubleOwners[] = R"(
SELECT coalesce(sum(n - 1), 0)
  FROM (SELECT count(*) AS n FROM guanxi_customer.lead_assignment a JOIN guanxi_customer.lead l ON l.id = a.lead_id
         WHERE l.import_id = $1 AND a.active GROUP BY a.lead_id HAVING count(*) > 1) AS doubles)";

constexpr char kOpportunities[] = R"(
SELECT count(*), count(*) FILTER (WHERE o.status = 'WON'), count(*) FILTER (WHERE o.status = 'LOST'),
       count(*) - count(DISTINCT o.lead_id)
  FROM guanxi_opportunity.opportunity o JOIN guanxi_customer.lead l ON l.id = o.lead_id WHERE l.import_id = $1)";

constexpr char kMissing[] = R"(
SELECT (SELECT count(*) FROM guanxi_customer.lead l
         WHERE import_id = $1 AND state = 'CONVERTED'
           AND NOT EXISTS (SELECT FROM guanxi_opportunity.opportunity o WHERE o.id = l.opportunity_id))
     + (SELECT count(*) FROM guanxi_opportunity.quote q JOIN guanxi_customer.lead l ON l.id = q.lead_id
         WHERE l.import_id = $1 AND q.status = 'ACCEPTED'
           AND NOT EXISTS (SELECT FROM guanxi_contract_credit.contract c WHERE c.quote_id = q.id)))";

constexpr char kContracts[] = R"(
SELECT count(*) FILTER (WHERE c.status = 'ACTIVE'), count(*) - count(DISTINCT c.quote_id)
  FROM guanxi_contract_credit.contract c
  JOIN guanxi_opportunity.opportunity o ON o.id = c.opportunity_id
  JOIN guanxi_customer.lead l ON l.id = o.lead_id WHERE l.import_id = $1)";

constexpr char kInstalments[] = R"(
SELECT count(*), count(*) FILTER (WHERE i.paid_minor = i.amount_minor),
       count(*) FILTER (WHERE i.paid_minor < i.amount_minor AND i.due_date < (now() AT TIME ZONE c.zone)::date)
  FROM guanxi_contract_credit.instalment i
  JOIN (SELECT id, opportunity_id, status, CASE time_zone WHEN '' THEN 'UTC' ELSE time_zone END AS zone
          FROM guanxi_contract_credit.contract) AS c ON c.id = i.contract_id AND c.status IN ('ACTIVE', 'COMPLETED')
  JOIN guanxi_opportunity.opportunity o ON o.id = c.opportunity_id
  JOIN guanxi_customer.lead l ON l.id = o.lead_id WHERE l.import_id = $1)";

}  // namespace

Counts Database::Count(const std::string& import_id) const {
  pqxx::connection connection(url_);
  pqxx::read_transaction transaction(connection);
  const auto ask = [&](const char* sql) { return transaction.exec_params1(sql, import_id); };
  Counts counts;
  const auto import = ask(kImport);
  counts.read = import[0].as<std::int64_t>();
  counts.rejected = import[1].as<std::int64_t>();
  counts.duplicates = import[2].as<std::int64_t>();
  const auto leads = ask(kLeads);
  counts.imported = leads[0].as<std::int64_t>();
  counts.assigned = leads[1].as<std::int64_t>();
  counts.waiting = leads[2].as<std::int64_t>();
  counts.lost = leads[3].as<std::int64_t>() + ask(kMissing)[0].as<std::int64_t>();
  counts.doubled = ask(kDoubleOwners)[0].as<std::int64_t>();
  const auto opportunities = ask(kOpportunities);
  counts.opportunities = opportunities[0].as<std::int64_t>();
  counts.won = opportunities[1].as<std::int64_t>();
  counts.lost_opportunities = opportunities[2].as<std::int64_t>();
  counts.doubled += opportunities[3].as<std::int64_t>();
  const auto contracts = ask(kContracts);
  counts.active_contracts = contracts[0].as<std::int64_t>();
  counts.doubled += contracts[1].as<std::int64_t>();
  const auto instalments = ask(kInstalments);
  counts.instalments = instalments[0].as<std::int64_t>();
  counts.paid = instalments[1].as<std::int64_t>();
  counts.overdue = instalments[2].as<std::int64_t>();
  // Rows that the import counted as imported and that are not there.
  counts.lost += counts.read - counts.rejected - counts.duplicates - counts.imported;
  return counts;
}

std::int64_t Database::RowsReadByLatestImport() const {
  pqxx::connection connection(url_);
  pqxx::read_transaction transaction(connection);
  const auto rows =
      transaction.exec("SELECT rows_read FROM guanxi_customer.lead_import ORDER BY id DESC LIMIT 1");
  return rows.empty() ? 0 : rows[0][0].as<std::int64_t>();
}

std::string Counts::ToJson() const {
  return absl::StrCat("{\"leads\":{\"read\":", read, ",\"imported\":", imported, ",\"rejected\":", rejected,
                      ",\"duplicates\":", duplicates, ",\"assigned\":", assigned, ",\"waiting\":", waiting,
                      "},\"opportunities\":{\"created\":", opportunities, ",\"won\":", won,
                      ",\"lost\":", lost_opportunities, "},\"contracts\":{\"active\":", active_contracts,
                      "},\"instalments\":{\"scheduled\":", instalments, ",\"paid\":", paid,
                      ",\"overdue\":", overdue, "},\"lost\":", lost, ",\"doubled\":", doubled, "}");
}

}  // namespace crm::demo
