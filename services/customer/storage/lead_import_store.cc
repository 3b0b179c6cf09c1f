#include "services/customer/storage/lead_import_store.h"

#include "services/customer/storage/columns.h"

namespace crm::customer {
namespace {

constexpr db::Statement kList{"list_lead_imports",
                              "SELECT " CRM_IMPORT_COLUMNS R"(, mapping, attribute_columns
  FROM lead_import WHERE (create_time, id) < ($1, $2) AND ($3::uuid IS NULL OR owner_id = $3)
 ORDER BY create_time DESC, id DESC LIMIT $4)"};
constexpr db::Statement kAppendRejects{"append_lead_import_rejects", R"(
INSERT INTO lead_import_reject (import_id, line, violations, content)
SELECT $1, u.line, string_to_array(u.violations, chr(31)), u.content
  FROM unnest($2::bigint[], $3::text[], $4::text[]) AS u(line, violations, content))"};
constexpr db::Statement kListRejects{"list_lead_import_rejects", R"(
SELECT line, violations, content FROM lead_import_reject WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3)"};

}  // namespace

void LeadImportTable::ReadOwn(db::Row& row, LeadImport& import) {
  import.mapping = Unpacked(row.Next<std::vector<std::string>>());
  import.attribute_columns = row.Next<std::vector<std::string>>();
}

std::array<db::Param, 2> LeadImportTable::OwnOf(const LeadImport& import) {
  std::vector<std::string> mapping;
  for (const auto& [column, field] : import.mapping) mapping.insert(mapping.end(), {column, field});
  return {mapping, import.attribute_columns};
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
    imports.push_back(Read(row));
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
