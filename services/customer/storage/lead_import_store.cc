#include "services/customer/storage/lead_import_store.h"

#include "services/customer/storage/columns.h"

namespace crm::customer {
namespace {

#define CRM_IMPORT_COLUMNS                                                                         \
  "i.id, i.version, i.owner_id, i.org_unit_id, i.name, i.state, i.rows_read, i.rows_imported, "    \
  "i.rows_duplicate, "                                                                             \
  "i.rows_rejected, i.committed_line, i.content_hash, i.mapping, i.attribute_columns, i.failure, " \
  "i.create_time, "                                                                                \
  "i.update_time"

constexpr db::Statement kLoad{
    "load_lead_imports", "SELECT " CRM_IMPORT_COLUMNS " FROM lead_import i WHERE i.id = ANY($1::uuid[])"};
constexpr db::Statement kList{"list_lead_imports", "SELECT " CRM_IMPORT_COLUMNS R"(
  FROM lead_import i WHERE (i.create_time, i.id) < ($1, $2) AND ($3::uuid IS NULL OR i.owner_id = $3)
 ORDER BY i.create_time DESC, i.id DESC LIMIT $4)"};
constexpr db::Statement kInsert{"insert_lead_imports", R"(
INSERT INTO lead_import (id, version, owner_id, org_unit_id, name, state, rows_read, rows_imported, rows_duplicate,
                         rows_rejected, committed_line, content_hash, mapping, attribute_columns, failure, create_time,
                         update_time)
SELECT u.id, u.version, u.owner_id, u.org_unit_id, u.name, u.state, u.rows_read, u.rows_imported, u.rows_duplicate,
       u.rows_rejected, u.committed_line, u.content_hash, string_to_array(u.mapping, chr(31)),
       string_to_array(u.attribute_columns, chr(31)), u.failure, $16, $16
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
              $9::bigint[], $10::bigint[], $11::bigint[], $12::bytea[], $13::text[], $14::text[], $15::text[])
       AS u(id, version, owner_id, org_unit_id, name, state, rows_read, rows_imported, rows_duplicate, rows_rejected,
            committed_line, content_hash, mapping, attribute_columns, failure)
ON CONFLICT DO NOTHING RETURNING id)"};
constexpr db::Statement kUpdate{"update_lead_imports", R"(
UPDATE lead_import i
   SET version = u.version, name = u.name, state = u.state, rows_read = u.rows_read, rows_imported = u.rows_imported,
       rows_duplicate = u.rows_duplicate, rows_rejected = u.rows_rejected, committed_line = u.committed_line,
       content_hash = u.content_hash, mapping = string_to_array(u.mapping, chr(31)),
       attribute_columns = string_to_array(u.attribute_columns, chr(31)), failure = u.failure, update_time = $16
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
              $9::bigint[], $10::bigint[], $11::bigint[], $12::bytea[], $13::text[], $14::text[], $15::text[],
              $17::bigint[])
       AS u(id, version, owner_id, org_unit_id, name, state, rows_read, rows_imported, rows_duplicate, rows_rejected,
            committed_line, content_hash, mapping, attribute_columns, failure, loaded_version)
 WHERE i.id = u.id AND i.version = u.loaded_version RETURNING i.id)"};
constexpr db::Statement kAppendRejects{"append_lead_import_rejects", R"(
INSERT INTO lead_import_reject (import_id, line, violations, content)
SELECT $1, u.line, string_to_array(u.violations, chr(31)), u.content
  FROM unnest($2::bigint[], $3::text[], $4::text[]) AS u(line, violations, content))"};
constexpr db::Statement kListRejects{"list_lead_import_rejects", R"(
SELECT line, violations, content FROM lead_import_reject WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3)"};

LeadImport ReadImport(db::Row& row) {
  LeadImport import;
  import.id = row.Next<Uuid>();
  import.version = row.Next<std::int64_t>();
  import.owner_id = row.Next<Uuid>();
  import.org_unit_id = row.Next<Uuid>();
  import.name = row.Next<std::string>();
  import.state = FromWord<ImportState>(row.Next<std::string>()).value();
  import.rows_read = row.Next<std::int64_t>();
  import.rows_imported = row.Next<std::int64_t>();
  import.rows_duplicate = row.Next<std::int64_t>();
  import.rows_rejected = row.Next<std::int64_t>();
  import.committed_line = row.Next<std::int64_t>();
  import.content_hash = row.Next<db::Bytes>().value;
  import.mapping = Unpacked(row.Next<std::vector<std::string>>());
  import.attribute_columns = row.Next<std::vector<std::string>>();
  import.failure = row.Next<std::string>();
  import.create_time = row.Next<absl::Time>();
  import.update_time = row.Next<absl::Time>();
  return import;
}

template <class... More>
db::Rows Write(db::Transaction& tx, const db::Statement& statement,
               const std::vector<const LeadImport*>& rows, const More&... more) {
  using I = LeadImport;
  return tx.Query(statement, {Column(rows, [](const I& i) { return i.id; }),
                              Column(rows, [](const I& i) { return i.version; }),
                              Column(rows, [](const I& i) { return i.owner_id; }),
                              Column(rows, [](const I& i) { return i.org_unit_id; }),
                              Column(rows, [](const I& i) { return i.name; }),
                              Column(rows, [](const I& i) { return Word(i.state); }),
                              Column(rows, [](const I& i) { return i.rows_read; }),
                              Column(rows, [](const I& i) { return i.rows_imported; }),
                              Column(rows, [](const I& i) { return i.rows_duplicate; }),
                              Column(rows, [](const I& i) { return i.rows_rejected; }),
                              Column(rows, [](const I& i) { return i.committed_line; }),
                              Column(rows, [](const I& i) { return db::Bytes{i.content_hash}; }),
                              Column(rows, [](const I& i) { return Packed(i.mapping); }),
                              Column(rows, [](const I& i) { return Packed(i.attribute_columns); }),
                              Column(rows, [](const I& i) { return i.failure; }), tx.now(), more...});
}

}  // namespace

work::Tracked<LeadImport> LeadImportStore::Load(const std::vector<Uuid>& ids) {
  work::Tracked<LeadImport> imports;
  if (ids.empty()) return imports;
  for (db::Row row : tx_.Query(kLoad, {ids})) imports.AddLoaded(ReadImport(row));
  return imports;
}

bool LeadImportStore::Save(const work::Tracked<LeadImport>& imports) {
  if (const auto rows = imports.Added();
      !rows.empty() && Write(tx_, kInsert, rows).size() != static_cast<int>(rows.size()))
    return false;
  const ChangedRows<LeadImport> changed(imports);
  return changed.rows.empty() || Write(tx_, kUpdate, changed.rows, changed.loaded_versions).size() ==
                                     static_cast<int>(changed.rows.size());
}

void LeadImportStore::AppendRejects(const Uuid& import_id, const std::vector<RejectedRow>& rows) {
  if (rows.empty()) return;
  std::vector<std::int64_t> lines;
  std::vector<std::string> violations, contents;
  for (const RejectedRow& row : rows) {
    std::vector<std::string> parts;
    for (const errors::Violation& violation : row.violations)
      parts.insert(parts.end(), {violation.field, violation.reason, violation.description});
    lines.push_back(row.line);
    violations.push_back(Packed(parts));
    contents.push_back(row.content);
  }
  tx_.Query(kAppendRejects, {import_id, lines, violations, contents});
}

std::vector<LeadImport> LeadImportStore::List(const auth::Scope& scope, absl::Time before_time,
                                              const Uuid& before_id, int limit) {
  std::vector<LeadImport> imports;
  for (db::Row row : tx_.Query(kList, {before_time, before_id, scope.owner(), limit}))
    imports.push_back(ReadImport(row));
  return imports;
}

std::vector<RejectedRow> LeadImportStore::ListRejects(const Uuid& import_id, std::int64_t after_line,
                                                      int limit) {
  std::vector<RejectedRow> rejects;
  for (db::Row row : tx_.Query(kListRejects, {import_id, after_line, limit})) {
    RejectedRow& reject = rejects.emplace_back();
    reject.line = row.Next<std::int64_t>();
    const auto parts = row.Next<std::vector<std::string>>();
    for (std::size_t i = 0; i + 2 < parts.size(); i += 3)
      reject.violations.push_back({parts[i], parts[i + 1], parts[i + 2]});
    reject.content = row.Next<std::string>();
  }
  return rejects;
}

}  // namespace crm::customer
