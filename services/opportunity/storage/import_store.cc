#include "services/opportunity/storage/import_store.h"

#include "services/opportunity/domain/names.h"
#include "services/opportunity/storage/columns.h"

namespace crm::opportunity {
namespace {

constexpr db::Statement kLoad{"load_opportunity_imports", R"(
SELECT id, name, state, failure, content_hash, committed_line, rows_read, rows_imported, rows_duplicate,
       rows_rejected, values_repaired, values_reported, owner_id, org_unit_id, version, create_time, update_time
  FROM opportunity_import WHERE id = ANY($1::uuid[]))"};

constexpr db::Statement kInsert{"insert_opportunity_imports", R"(
INSERT INTO opportunity_import (id, name, state, failure, content_hash, committed_line, rows_read, rows_imported,
                                rows_duplicate, rows_rejected, values_repaired, values_reported, owner_id,
                                org_unit_id, version, create_time, update_time)
SELECT u.id, u.name, u.state, u.failure, u.content_hash, u.committed_line, u.rows_read, u.rows_imported,
       u.rows_duplicate, u.rows_rejected, u.values_repaired, u.values_reported, u.owner_id, u.org_unit_id, u.version,
       $16, $16
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::bigint[], $8::bigint[],
              $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::uuid[], $14::uuid[], $15::bigint[])
       AS u(id, name, state, failure, content_hash, committed_line, rows_read, rows_imported, rows_duplicate,
            rows_rejected, values_repaired, values_reported, owner_id, org_unit_id, version)
ON CONFLICT DO NOTHING
RETURNING id)"};

constexpr db::Statement kUpdate{"update_opportunity_imports", R"(
UPDATE opportunity_import i
   SET name = u.name, state = u.state, failure = u.failure, content_hash = u.content_hash,
       committed_line = u.committed_line, rows_read = u.rows_read, rows_imported = u.rows_imported,
       rows_duplicate = u.rows_duplicate, rows_rejected = u.rows_rejected, values_repaired = u.values_repaired,
       values_reported = u.values_reported, version = u.version, update_time = $16
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::bigint[], $8::bigint[],
              $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::uuid[], $14::uuid[], $15::bigint[],
              $17::bigint[])
       AS u(id, name, state, failure, content_hash, committed_line, rows_read, rows_imported, rows_duplicate,
            rows_rejected, values_repaired, values_reported, owner_id, org_unit_id, version, loaded_version)
 WHERE i.id = u.id AND i.version = u.loaded_version
RETURNING i.id)"};

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

template <class... More>
db::Rows Write(db::Transaction& tx, const db::Statement& statement,
               const std::vector<const OpportunityImport*>& rows, const More&... more) {
  using I = OpportunityImport;
  const auto column = [&](auto get) { return Column(rows, get); };
  return tx.Query(statement,
                  {column(&I::id), column(&I::name), column([](const I& i) { return Name(i.state); }),
                   column(&I::failure), column([](const I& i) { return db::Bytes{i.content_hash}; }),
                   column(&I::committed_line), column(&I::rows_read), column(&I::rows_imported),
                   column(&I::rows_duplicate), column(&I::rows_rejected), column(&I::values_repaired),
                   column(&I::values_reported), column(&I::owner_id), column(&I::org_unit_id),
                   column(&I::version), tx.now(), more...});
}

}  // namespace

work::Tracked<OpportunityImport> ImportStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<OpportunityImport> imports;
  if (ids.empty()) return imports;
  for (db::Row row : tx_.Query(kLoad, {ids})) {
    OpportunityImport i;
    i.id = row.Next<Uuid>();
    i.name = row.Next<std::string>();
    i.state = FromName<OpportunityImport::State>(row.Next<std::string>()).value();
    i.failure = row.Next<std::string>();
    i.content_hash = row.Next<db::Bytes>().value;
    i.committed_line = row.Next<std::int64_t>();
    i.rows_read = row.Next<std::int64_t>();
    i.rows_imported = row.Next<std::int64_t>();
    i.rows_duplicate = row.Next<std::int64_t>();
    i.rows_rejected = row.Next<std::int64_t>();
    i.values_repaired = row.Next<std::int64_t>();
    i.values_reported = row.Next<std::int64_t>();
    i.owner_id = row.Next<Uuid>();
    i.org_unit_id = row.Next<Uuid>();
    i.version = row.Next<std::int64_t>();
    i.create_time = row.Next<absl::Time>();
    i.update_time = row.Next<absl::Time>();
    imports.AddLoaded(std::move(i));
  }
  return imports;
}

bool ImportStore::Save(const work::Tracked<OpportunityImport>& imports) {
  if (const auto added = imports.Added(); !added.empty())
    if (Write(tx_, kInsert, added).size() != static_cast<int>(added.size())) return false;
  const ChangedRows<OpportunityImport> changed(imports);
  if (changed.rows.empty()) return true;
  return Write(tx_, kUpdate, changed.rows, changed.loaded_versions).size() ==
         static_cast<int>(changed.rows.size());
}

void ImportStore::AppendFindings(const Uuid& import_id, const std::vector<Finding>& findings) {
  if (findings.empty()) return;
  const auto rows = Pointers(findings);
  using F = Finding;
  tx_.Query(kAppendFindings,
            {import_id, Column(rows, &F::line), Column(rows, &F::ordinal),
             Column(rows, [](const F& f) { return Name(f.kind); }), Column(rows, &F::field),
             Column(rows, &F::reason), Column(rows, &F::description), Column(rows, &F::value)});
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
