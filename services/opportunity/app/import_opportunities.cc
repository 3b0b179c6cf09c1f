#include "services/opportunity/app/import_opportunities.h"

#include "common/work/gather.h"
#include "services/opportunity/app/history_intake.h"
#include "services/opportunity/storage/process_store.h"
#include "services/opportunity/storage/product_store.h"

namespace crm::opportunity {
namespace {

std::map<std::string, ImportReferences::Party> Parties(const std::map<std::string, Peers::Found>& found) {
  std::map<std::string, ImportReferences::Party> parties;
  for (const auto& [name, party] : found)
    parties[name] = {party.id, party.org_unit_id, party.name, party.ambiguous};
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

}  // namespace

absl::Status OpportunityRows::Open(OpportunityImport&, db::Transaction& tx) {
  const std::string key = file_.process_key.empty() ? std::string(kStandardProcess) : file_.process_key;
  auto processes = ProcessStore(tx).LoadNewest({key});
  if (processes.empty()) return errors::NotFound("sales_process", key, "header.process_key");
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

absl::Status OpportunityRows::Prepare(const work::Caller& caller, const OpportunityImport&, Batch& batch) {
  std::vector<std::string> customers, owners, leads;
  for (const ImportRow& row : batch.rows) {
    customers.push_back(row.customer);
    owners.push_back(row.owner);
    leads.push_back(row.lead);
  }
  const auto known_customers = customers_.Find(caller, customers);
  if (!known_customers.ok()) return known_customers.status();
  const auto known_owners = owners_.Find(caller, owners);
  if (!known_owners.ok()) return known_owners.status();
  const auto known_leads = leads_.Find(caller, leads);
  if (!known_leads.ok()) return known_leads.status();
  batch.names.customers = Parties(*known_customers);
  batch.names.owners = Parties(*known_owners);
  for (const auto& [external_id, lead] : *known_leads)
    batch.names.leads[external_id] = {lead.id, lead.source};
  batch.names.importer_id = caller.principal->id;
  batch.names.importer_org_unit_id = caller.principal->org_unit_id;
  return absl::OkStatus();
}

bool OpportunityRows::Take(imports::Item& item, const Batch& batch, OpportunityImport& import,
                           db::Transaction& tx) const {
  ImportReferences references = batch.names;
  references.process = &process_;
  references.products = ProductsOf(batch.rows, tx);
  HistoryIntake rows(item, import, batch.rows, std::move(references), tx);
  if (import.committed_line == 0)
    for (std::size_t i = 0; i < columns_->ignored().size(); ++i)
      rows.Note({1, static_cast<int>(i), Finding::Kind::kReported, "column", "COLUMN_IGNORED",
                 "means nothing to an opportunity", columns_->ignored()[i]});
  for (const ImportRow& row : batch.rows) rows.Take(row, file_.format);
  return rows.Save(ImportStore(tx));
}

}  // namespace crm::opportunity
