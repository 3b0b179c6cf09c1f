#include "services/opportunity/app/import_opportunities.h"

#include "common/work/gather.h"
#include "services/opportunity/domain/names.h"
#include "services/opportunity/storage/opportunity_store.h"
#include "services/opportunity/storage/process_store.h"
#include "services/opportunity/storage/product_store.h"

namespace crm::opportunity {
namespace {

std::map<std::string, ImportReferences::Party> Parties(const std::map<std::string, Peers::Found>& found) {
  std::map<std::string, ImportReferences::Party> parties;
  for (const auto& [name, party] : found) parties[name] = {party.id, party.org_unit_id, party.name};
  return parties;
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
  RowsImport(imports::Item& item, OpportunityImport& import, const std::vector<ImportRow>& rows,
             ImportReferences references, db::Transaction& tx)
      : item_(item), import_(import), references_(std::move(references)), store_(tx), now_(tx.now()) {
    std::vector<std::string> external_ids;
    for (const ImportRow& row : rows) external_ids.push_back(row.external_id);
    taken_ = store_.FindByExternalId(work::Distinct(std::move(external_ids)));
  }

  void Note(Finding finding) { findings_.push_back(std::move(finding)); }

  void Take(const ImportRow& row, const ImportFormat& format) {
    auto [opportunity, findings] = Interpret(row, format, references_, now_);
    ++import_.rows_read;
    if (!opportunity) {
      ++import_.rows_rejected;
    } else if (taken_.contains(opportunity->external_id)) {
      ++import_.rows_duplicate;
      return;
    } else {
      ++import_.rows_imported;
      Bring(*std::move(opportunity));
    }
    findings_.insert(findings_.end(), findings.begin(), findings.end());
  }

  // False when a row's external id has been taken meanwhile.
  bool Save(ImportStore imports) {
    for (const Finding& f : findings_) {
      import_.values_repaired += f.kind == Finding::Kind::kRepaired;
      import_.values_reported += f.kind == Finding::Kind::kReported;
    }
    imports.AppendFindings(import_.id, findings_);
    return store_.Save(opportunities_, moves_);
  }

 private:
  // It began open, and was closed when it really was.
  void Bring(Opportunity closed) {
    closed.id = Uuid::New();
    closed.import_id = import_.id;
    taken_.emplace(closed.external_id, closed.id);
    const Uuid actor = item_.caller().principal->id;
    const Standing at = StandingOf(closed, *references_.process);

    Opportunity begun = closed;
    begun.status = Status::kOpen;
    begun.close_reason.clear();
    begun.close_time.reset();
    Opportunity& o = opportunities_.AddNew(begun);
    item_.Emit(o, OpportunityCreated{begun, at, std::nullopt}, o.open_time);
    moves_.push_back(MoveOf(o, "", o.stage, o.open_time, actor));
    if (closed.status == Status::kOpen) return;

    closed.version = o.version;
    o = closed;
    if (closed.status == Status::kWon)
      item_.Emit(o, OpportunityWon{closed, at, std::nullopt}, *closed.close_time);
    else
      item_.Emit(o, OpportunityLost{closed, at, ""}, *closed.close_time);
    moves_.push_back(MoveOf(o, o.stage, std::string(Name(o.status)), *closed.close_time, actor));
  }

  imports::Item& item_;
  OpportunityImport& import_;
  const ImportReferences references_;
  OpportunityStore store_;
  const absl::Time now_;
  std::map<std::string, Uuid> taken_;
  work::Tracked<Opportunity> opportunities_;
  std::vector<StageMove> moves_;
  std::vector<Finding> findings_;
};

}  // namespace

absl::Status OpportunityRows::Open(OpportunityImport&, db::Transaction& tx) {
  const std::string key = file_.process_key.empty() ? std::string(kStandardProcess) : file_.process_key;
  auto processes = ProcessStore(tx).LoadNewest({key});
  if (processes.empty()) return errors::NotFound("sales_process", key);
  process_ = std::move(processes.begin()->second);
  return absl::OkStatus();
}

absl::Status OpportunityRows::ReadHeader(const std::vector<std::string>& header) {
  auto columns = ImportColumns::Recognise(header, file_.mapping);
  if (!columns.ok()) return columns.status();
  columns_ = *std::move(columns);
  column_count_ = header.size();
  return absl::OkStatus();
}

void OpportunityRows::Read(const CsvRecord& record, absl::Time, Batch& batch) const {
  ImportRow& row = batch.rows.emplace_back(columns_->Read(record.line, record.fields));
  if (record.problem)
    row.problem = record.problem->reason;
  else if (record.fields.size() != column_count_)
    row.problem = record.fields.size() < column_count_ ? "TOO_FEW_COLUMNS" : "TOO_MANY_COLUMNS";
}

absl::Status OpportunityRows::Prepare(const work::Caller& caller, const OpportunityImport&,
                                      Batch& batch) const {
  std::vector<std::string> customers, owners;
  for (const ImportRow& row : batch.rows) {
    customers.push_back(row.customer);
    owners.push_back(row.owner);
  }
  const auto known_customers = peers_.customers_by_name(caller, work::Distinct(std::move(customers)));
  if (!known_customers.ok()) return known_customers.status();
  const auto known_owners = peers_.employees_by_name(caller, work::Distinct(std::move(owners)));
  if (!known_owners.ok()) return known_owners.status();
  batch.names.customers = Parties(*known_customers);
  batch.names.owners = Parties(*known_owners);
  batch.names.importer_id = caller.principal->id;
  batch.names.importer_org_unit_id = caller.principal->org_unit_id;
  return absl::OkStatus();
}

bool OpportunityRows::Take(imports::Item& item, const Batch& batch, OpportunityImport& import,
                           db::Transaction& tx) const {
  ImportReferences references = batch.names;
  references.process = &process_;
  references.products = ProductsOf(batch.rows, tx);
  RowsImport rows(item, import, batch.rows, std::move(references), tx);
  if (import.committed_line == 0)
    for (std::size_t i = 0; i < columns_->ignored().size(); ++i)
      rows.Note({1, static_cast<int>(i), Finding::Kind::kReported, "column", "COLUMN_IGNORED",
                 "means nothing to an opportunity", columns_->ignored()[i]});
  for (const ImportRow& row : batch.rows) rows.Take(row, file_.format);
  return rows.Save(ImportStore(tx));
}

}  // namespace crm::opportunity
