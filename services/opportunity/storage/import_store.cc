#include "services/opportunity/storage/import_store.h"

#include "services/opportunity/domain/names.h"
#include "services/opportunity/storage/columns.h"

namespace crm::opportunity {
namespace {

constexpr db::Statement kAppendFindings{"append_opportunity_import_findings", R"(
INSERT INTO opportunity_import_finding (import_id, line, ordinal, kind, field, reason, description, value)
SELECT $1, u.line, u.ordinal, u.kind, u.field, u.reason, u.description, u.value
  FROM unnest($2::bigint[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
       AS u(line, ordinal, kind, field, reason, description, value))"};

constexpr db::Statement kListFindings{"list_opportunity_import_findings", R"(
SELECT line, ordinal, kind, field, reason, description, value
  FROM opportunity_import_finding
 WHERE import_id = $1 AND ($2::text IS NULL OR kind = $2) AND (line, ordinal) > ($3::bigint, $4::integer)
 ORDER BY line, ordinal LIMIT $5)"};

}  // namespace

void OpportunityImportTable::ReadOwn(db::Row& row, OpportunityImport& import) {
  import.values_repaired = row.Next<std::int64_t>();
  import.values_reported = row.Next<std::int64_t>();
}

std::array<db::Param, 2> OpportunityImportTable::OwnOf(const OpportunityImport& import) {
  return {import.values_repaired, import.values_reported};
}

void ImportStore::AppendFindings(const Uuid& import_id, const std::vector<Finding>& findings) {
  if (findings.empty()) return;
  using F = Finding;
  tx_.Query(kAppendFindings,
            {import_id, Column(findings, &F::line), Column(findings, &F::ordinal),
             Column(findings, [](const F& f) { return Name(f.kind); }), Column(findings, &F::field),
             Column(findings, &F::reason), Column(findings, &F::description), Column(findings, &F::value)});
}

std::vector<Finding> ImportStore::ListFindings(const Uuid& import_id, std::optional<Finding::Kind> kind,
                                               const FindingPosition& after, int limit) {
  std::vector<Finding> findings;
  const auto name = kind ? std::optional(Name(*kind)) : std::nullopt;
  for (db::Row row : tx_.Query(kListFindings, {import_id, name, after.line, after.ordinal, limit})) {
    Finding& f = findings.emplace_back();
    f.line = row.Next<std::int64_t>();
    f.ordinal = row.Next<int>();
    f.kind = FromName<Finding::Kind>(row.Next<std::string>()).value();
    f.field = row.Next<std::string>();
    f.reason = row.Next<std::string>();
    f.description = row.Next<std::string>();
    f.value = row.Next<std::string>();
  }
  return findings;
}

}  // namespace crm::opportunity
