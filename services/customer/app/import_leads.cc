#include "services/customer/app/import_leads.h"

#include "common/work/find.h"
#include "common/work/gather.h"
#include "common/work/get.h"
#include "services/customer/storage/assignment_store.h"
#include "services/customer/storage/lead_import_store.h"

namespace crm::customer {
namespace {

template <class Item>
void TellProgress(Item& item, LeadImport& import, absl::Time now) {
  import.update_time = now;
  item.Emit(import, ImportChanged{import});
}

// One that broke off, or could not be read at its very beginning: perhaps it can now.
bool MayGoOn(const LeadImport& import) {
  return import.state == ImportState::kInterrupted ||
         (import.state == ImportState::kFailed && import.rows_read == 0);
}

// Takes the rows of one batch in and counts them.
template <class Item>
bool TakeRows(Item& item, const ImportLeadBatch& batch, LeadImport& import, db::Transaction& tx) {
  std::vector<const LeadDraft*> drafts;
  drafts.reserve(batch.rows.size());
  for (const ImportLeadBatch::Row& row : batch.rows) drafts.push_back(&row.draft);
  LeadIntake intake(tx);
  intake.Load(drafts);
  for (const ImportLeadBatch::Row& row : batch.rows) {
    const LeadIntake::Taken taken = intake.Take(item, row.draft);
    ++(taken.fate == LeadIntake::Fate::kCreated ? import.rows_imported : import.rows_duplicate);
  }
  import.rows_rejected += static_cast<std::int64_t>(batch.rejects.size());
  import.rows_read += static_cast<std::int64_t>(batch.rows.size() + batch.rejects.size());
  import.committed_line = batch.last_line;
  import.content_hash = batch.content_hash;
  import.mapping = batch.mapping;
  import.attribute_columns = batch.attribute_columns;
  LeadImportStore(tx).AppendRejects(import.id, batch.rejects);
  return intake.Save();
}

absl::Status Overtaken(const LeadImport& import) {
  return errors::Make(
      absl::StatusCode::kAborted, "IMPORT_OVERTAKEN",
      "another upload of this import is under way; wait for it, or send the file again later",
      {{"import", import.id.ToString()}, {"committed_line", std::to_string(import.committed_line)}});
}

}  // namespace

std::vector<work::Outcome> BeginLeadImports(work::UnitOfWork& work,
                                            absl::Span<const work::Request<BeginLeadImport>> requests) {
  return work.Run<BeginLeadImport>(requests, [](work::Batch<BeginLeadImport>& batch, db::Transaction& tx) {
    LeadImportStore store(tx);
    auto imports = store.Load(work::Gather(batch, [](const BeginLeadImport& command) { return command.id; }));
    const auto org_paths = AssignmentStore(tx).LoadOrgPaths(
        work::Gather(batch, [](const BeginLeadImport& command) { return command.org_unit_id; }));
    for (auto& item : batch.items()) {
      LeadImport* import = imports.Find(item->id);
      if (import == nullptr) {
        if (!item->org_unit_id.nil() && !org_paths.contains(item->org_unit_id)) {
          item.Fail(errors::NotFound("org_unit", item->org_unit_id.ToString()));
          continue;
        }
        LeadImport begun;
        begun.id = item->id;
        begun.owner_id = item.caller().principal->id;
        begun.org_unit_id =
            item->org_unit_id.nil() ? item.caller().principal->org_unit_id : item->org_unit_id;
        begun.name = item->name;
        begun.create_time = batch.now();
        import = &imports.AddNew(std::move(begun));
        TellProgress(item, *import, batch.now());
      } else if (MayGoOn(*import)) {
        import->state = ImportState::kRunning;
        import->failure.clear();
        TellProgress(item, *import, batch.now());
      }
      item.Succeed(*import);
    }
    batch.Guard(store.Save(imports));
  });
}

std::vector<work::Outcome> ImportLeadBatches(work::UnitOfWork& work,
                                             absl::Span<const work::Request<ImportLeadBatch>> requests) {
  return work.Run<ImportLeadBatch>(requests, [](work::Batch<ImportLeadBatch>& batch, db::Transaction& tx) {
    LeadImportStore store(tx);
    auto imports =
        store.Load(work::Gather(batch, [](const ImportLeadBatch& command) { return command.import_id; }));
    for (auto& item : batch.items()) {
      LeadImport* import = work::Find(item, imports, item->import_id, "lead:import");
      if (import == nullptr) continue;
      if (import->committed_line != item->after_line || import->state != ImportState::kRunning) {
        item.Fail(Overtaken(*import));
        continue;
      }
      batch.Guard(TakeRows(item, *item, *import, tx));
      if (!batch.held()) return;
      TellProgress(item, *import, batch.now());
      item.Succeed(*import);
    }
    batch.Guard(store.Save(imports));
  });
}

std::vector<work::Outcome> EndLeadImports(work::UnitOfWork& work,
                                          absl::Span<const work::Request<EndLeadImport>> requests) {
  return work.Run<EndLeadImport>(requests, [](work::Batch<EndLeadImport>& batch, db::Transaction& tx) {
    LeadImportStore store(tx);
    auto imports = store.Load(work::Gather(batch, [](const EndLeadImport& command) { return command.id; }));
    for (auto& item : batch.items()) {
      LeadImport* import = work::Find(item, imports, item->id, "lead:import");
      if (import == nullptr) continue;
      if (import->state == ImportState::kRunning) {
        import->state = item->state;
        import->failure = item->failure;
        TellProgress(item, *import, batch.now());
      }
      item.Succeed(*import);
    }
    batch.Guard(store.Save(imports));
  });
}

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
  const absl::Status read = db::RunReads(pool, request.caller.deadline, [&](db::Transaction& tx) {
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
  const absl::Status read = db::RunReads(pool, caller.deadline, [&](db::Transaction& tx) {
    LeadImportStore store(tx);
    auto imports = store.Load({query.import_id});
    if (work::FindVisible(imports, query.import_id, caller, "import:read") == nullptr)
      return errors::NotFound("import", query.import_id.ToString());
    rows = store.ListRejects(query.import_id, query.after_line, query.limit);
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return rows;
}

}  // namespace crm::customer
