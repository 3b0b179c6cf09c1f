#include "services/customer/app/lead_imports.h"

#include "common/work/get.h"
#include "services/customer/storage/lead_import_store.h"

namespace crm::customer {

std::vector<absl::StatusOr<LeadImport>> GetLeadImports(
    db::Pool& pool, absl::Span<const work::Request<GetLeadImport>> requests) {
  return work::GetVisible<LeadImport>(
      pool, requests, "import:read",
      [](db::Transaction& tx, const auto& ids) { return LeadImportStore(tx).Load(ids); });
}

absl::StatusOr<std::vector<LeadImport>> ListImports(db::Pool& pool,
                                                    const work::Request<ListLeadImports>& request) {
  const auto scope = auth::Scope::Of(*request.caller.principal, "import:read");
  std::vector<LeadImport> imports;
  const absl::Status read = db::RunStatements(pool, request.caller.deadline, [&](db::Transaction& tx) {
    const ListLeadImports& query = request.command;
    imports = LeadImportStore(tx).List(scope, query.before_time, query.before_id, query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return imports;
}

absl::StatusOr<std::vector<RejectedRow>> RejectedRows(db::Pool& pool,
                                                      const work::Request<ListRejectedRows>& request) {
  const auto& [caller, query, once] = request;
  std::vector<RejectedRow> rows;
  const absl::Status read = db::RunStatements(pool, caller.deadline, [&](db::Transaction& tx) {
    LeadImportStore store(tx);
    auto imports = store.Load({query.import_id});
    if (work::FindVisible(imports, query.import_id, caller, "import:read") == nullptr)
      return errors::NotFound("import", query.import_id.ToString(), "import_id");
    rows = store.ListRejects(query.import_id, query.after_line, query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return rows;
}

}  // namespace crm::customer
