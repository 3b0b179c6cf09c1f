#include "services/opportunity/app/import_opportunities.h"

#include <algorithm>

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/opportunity/domain/names.h"
#include "services/opportunity/storage/import_store.h"
#include "services/opportunity/storage/opportunity_store.h"
#include "services/opportunity/storage/process_store.h"
#include "services/opportunity/storage/product_store.h"

namespace crm::opportunity {
namespace {

using State = OpportunityImport::State;

// What the rows name in other services; asked before the transaction.
absl::StatusOr<ImportReferences> AskNames(const Peers& peers, const work::Request<ImportRows>& request) {
  std::vector<std::string> customers, owners;
  for (const ImportRow& row : request.command.rows) {
    customers.push_back(row.customer);
    owners.push_back(row.owner);
  }
  const auto known_customers = peers.customers_by_name(request.caller, work::Distinct(std::move(customers)));
  if (!known_customers.ok()) return known_customers.status();
  const auto known_owners = peers.employees_by_name(request.caller, work::Distinct(std::move(owners)));
  if (!known_owners.ok()) return known_owners.status();
  ImportReferences references;
  for (const auto& [name, found] : *known_customers)
    references.customers[name] = {found.id, found.org_unit_id, found.name};
  for (const auto& [name, found] : *known_owners)
    references.owners[name] = {found.id, found.org_unit_id, found.name};
  references.importer_id = request.caller.principal->id;
  references.importer_org_unit_id = request.caller.principal->org_unit_id;
  return references;
}

std::map<std::string, Product> ProductsOf(const std::vector<ImportRow>& rows, db::Transaction& tx) {
  std::vector<std::string> keys;
  for (const ImportRow& row : rows) keys.push_back(ProductKey(row.product));
  std::map<std::string, Product> products;
  for (Product& product : ProductStore(tx).FindByMatchKey(work::Distinct(std::move(keys)))) {
    std::string key = ProductKey(product.name);
    products.emplace(std::move(key), std::move(product));
  }
  return products;
}

StageMove MoveOf(const Opportunity& o, std::string from, std::string to, absl::Time time,
                 const Uuid& actor_id) {
  return {o.id, o.version, std::move(from), std::move(to), time, /*gates_skipped=*/true, actor_id};
}

// One batch of rows on its way into the database.
class RowsImport {
 public:
  RowsImport(db::Transaction& tx, OpportunityImport& import, const ImportRows& command,
             ImportReferences references)
      : import_(import), command_(command), references_(std::move(references)), store_(tx) {
    std::vector<std::string> external_ids;
    for (const ImportRow& row : command.rows) external_ids.push_back(row.external_id);
    taken_ = store_.FindByExternalId(work::Distinct(std::move(external_ids)));
    if (import.committed_line == 0) findings_ = command.findings;
  }

  template <class Item>
  void Take(Item& item, const ImportRow& row, absl::Time now) {
    auto [opportunity, findings] = Interpret(row, command_.format, references_, now);
    ++import_.rows_read;
    if (!opportunity) {
      ++import_.rows_rejected;
    } else if (taken_.contains(opportunity->external_id)) {
      ++import_.rows_duplicate;
      return;
    } else {
      ++import_.rows_imported;
      Bring(item, *std::move(opportunity));
    }
    findings_.insert(findings_.end(), findings.begin(), findings.end());
  }

  // False when a row's external id has been taken meanwhile.
  bool Save(ImportStore& imports) {
    for (const Finding& f : findings_) {
      import_.values_repaired += f.kind == Finding::Kind::kRepaired;
      import_.values_reported += f.kind == Finding::Kind::kReported;
    }
    imports.AppendFindings(import_.id, findings_);
    return store_.Save(opportunities_, moves_);
  }

 private:
  // It began open, and was closed when it really was.
  template <class Item>
  void Bring(Item& item, Opportunity closed) {
    closed.id = Uuid::New();
    closed.import_id = import_.id;
    taken_.emplace(closed.external_id, closed.id);
    const Uuid actor = item.caller().principal->id;
    const Standing at = StandingOf(closed, *references_.process);

    Opportunity begun = closed;
    begun.status = Status::kOpen;
    begun.close_reason.clear();
    begun.close_time.reset();
    Opportunity& o = opportunities_.AddNew(begun);
    item.Emit(o, OpportunityCreated{begun, at, std::nullopt}, o.open_time);
    moves_.push_back(MoveOf(o, "", o.stage, o.open_time, actor));
    if (closed.status == Status::kOpen) return;

    closed.version = o.version;
    o = closed;
    if (closed.status == Status::kWon)
      item.Emit(o, OpportunityWon{closed, at, std::nullopt}, *closed.close_time);
    else
      item.Emit(o, OpportunityLost{closed, at, ""}, *closed.close_time);
    moves_.push_back(MoveOf(o, o.stage, std::string(Name(o.status)), *closed.close_time, actor));
  }

  OpportunityImport& import_;
  const ImportRows& command_;
  const ImportReferences references_;
  OpportunityStore store_;
  std::map<std::string, Uuid> taken_;
  work::Tracked<Opportunity> opportunities_;
  std::vector<StageMove> moves_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<work::Outcome> StartImports(work::UnitOfWork& work,
                                        absl::Span<const work::Request<StartImport>> requests) {
  return work.Run<StartImport>(requests, [](work::Batch<StartImport>& batch, db::Transaction& tx) {
    ImportStore store(tx);
    auto imports = store.Load(Gather(batch, &StartImport::id));
    for (auto& item : batch.items()) {
      const auth::Principal& caller = *item.caller().principal;
      OpportunityImport* import = imports.Find(item->id);
      if (import == nullptr) {
        OpportunityImport begun;
        begun.id = item->id;
        begun.owner_id = caller.id;
        begun.org_unit_id = caller.org_unit_id;
        begun.name = item->name;
        begun.create_time = begun.update_time = batch.now();
        import = &imports.AddNew(std::move(begun));
        item.Emit(*import, ImportChanged{*import});
      } else if (import->owner_id != caller.id) {
        item.Fail(errors::NotFound("import", item->id.ToString()));
        continue;
      } else if (import->state == State::kInterrupted || import->state == State::kFailed) {
        import->state = State::kRunning;
        import->failure.clear();
        import->update_time = batch.now();
        item.Emit(*import, ImportChanged{*import});
      }
      item.Succeed(*import);
    }
    batch.Guard(store.Save(imports));
  });
}

work::Outcome ImportOpportunityRows(work::UnitOfWork& work, const Peers& peers,
                                    const work::Request<ImportRows>& request) {
  const auto names = AskNames(peers, request);
  if (!names.ok()) return names.status();
  const auto script = [&](work::Batch<ImportRows>& batch, db::Transaction& tx) {
    ImportStore store(tx);
    auto imports = store.Load(Gather(batch, &ImportRows::import_id));
    const std::string key =
        request.command.process_key.empty() ? std::string(kStandardProcess) : request.command.process_key;
    const auto processes = ProcessStore(tx).LoadNewest({key});
    for (auto& item : batch.items()) {
      OpportunityImport* import = Find(item, imports, item->import_id, "opportunity:import");
      if (import == nullptr) continue;
      if (processes.empty()) {
        item.Fail(errors::NotFound("sales_process", key));
        continue;
      }
      ImportReferences references = *names;
      references.process = &processes.begin()->second;
      references.products = ProductsOf(item->rows, tx);
      RowsImport rows(tx, *import, *item, std::move(references));
      for (const ImportRow& row : item->rows) {
        if (row.line <= import->committed_line) continue;
        rows.Take(item, row, batch.now());
        import->committed_line = row.line;
        import->content_hash = item->content_hash;
      }
      batch.Guard(rows.Save(store));
      import->update_time = batch.now();
      item.Emit(*import, ImportChanged{*import});
      item.Succeed(*import);
    }
    batch.Guard(store.Save(imports));
  };
  return work.Run<ImportRows>(absl::MakeConstSpan(&request, 1), script).front();
}

std::vector<work::Outcome> EndImports(work::UnitOfWork& work,
                                      absl::Span<const work::Request<EndImport>> requests) {
  return work.Run<EndImport>(requests, [](work::Batch<EndImport>& batch, db::Transaction& tx) {
    ImportStore store(tx);
    auto imports = store.Load(Gather(batch, &EndImport::import_id));
    for (auto& item : batch.items()) {
      OpportunityImport* import = Find(item, imports, item->import_id, "opportunity:import");
      if (import == nullptr) continue;
      if (import->state == State::kRunning) {
        import->state = item->state;
        import->failure = item->failure;
        import->update_time = batch.now();
        item.Emit(*import, ImportChanged{*import});
      }
      item.Succeed(*import);
    }
    batch.Guard(store.Save(imports));
  });
}

}  // namespace crm::opportunity
