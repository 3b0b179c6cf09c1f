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
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  const auto scope = auth::Scope::Of(*caller.principal, "import:read");
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) {
    return LeadImportStore(tx).List(scope, query.before_time, query.before_id, query.limit);
  });
}

absl::StatusOr<std::vector<RejectedRow>> RejectedRows(db::Pool& pool,
                                                      const work::Request<ListRejectedRows>& request) {
  const work::Caller& caller = request.caller;
  const auto& query = request.command;
  return work::ReadAlone(pool, caller, [&](db::Transaction& tx) -> absl::StatusOr<std::vector<RejectedRow>> {
    LeadImportStore store(tx);
    auto imports = store.Load({query.import_id});
    if (work::FindVisible(imports, query.import_id, caller, "import:read") == nullptr)
      return errors::NotFound("import", query.import_id.ToString(), "import_id");
    return store.ListRejects(query.import_id, query.after_line, query.limit);
  });
}

}  // namespace crm::customer
