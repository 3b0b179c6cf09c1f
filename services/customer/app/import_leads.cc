#include "services/customer/app/import_leads.h"

#include "absl/strings/str_join.h"
#include "common/base/text.h"
#include "services/customer/storage/assignment_store.h"

namespace crm::customer {
namespace {

constexpr std::size_t kMaxContent = 4000;  // characters

}  // namespace

absl::Status LeadRows::Open(LeadImport& import, db::Transaction& tx) const {
  const Uuid& unit = file_.org_unit_id;
  if (import.version > 0 || unit.nil()) return absl::OkStatus();
  import.org_unit_id = unit;
  return AssignmentStore(tx).LoadOrgPaths({unit}).contains(unit)
             ? absl::OkStatus()
             : errors::NotFound("org_unit", unit.ToString(), "header.org_unit_id");
}

absl::Status LeadRows::ReadHeader(const std::vector<std::string>& header) {
  auto columns = LeadColumns::Recognise(header, file_.format);
  if (!columns.ok()) return columns.status();
  columns_ = *std::move(columns);
  return absl::OkStatus();
}

void LeadRows::Read(const CsvRecord& record, absl::Time now, Batch& batch) const {
  const auto reject = [&](std::vector<errors::Violation> violations) {
    batch.rejects.push_back(
        {record.line, std::move(violations), text::Cut(absl::StrJoin(record.fields, ","), kMaxContent)});
  };
  if (record.problem) return reject({{"row", record.problem->reason, record.problem->message}});
  auto row = columns_->Read(record.fields, now);
  if (!row.ok()) return reject(errors::ViolationsOf(row.status()));
  LeadDraft& draft = batch.drafts.emplace_back();
  draft.details = std::move(row->details);
  if (row->occurred) draft.occurred = *row->occurred;
}

absl::Status LeadRows::Prepare(const work::Caller&, const LeadImport& import, Batch& batch) const {
  for (LeadDraft& draft : batch.drafts) {
    draft.org_unit_id = import.org_unit_id;
    draft.import_id = import.id;
    draft.history = file_.history;
  }
  return absl::OkStatus();
}

bool LeadRows::Take(imports::Item& item, const Batch& batch, LeadImport& import, db::Transaction& tx) const {
  LeadIntake intake(tx);
  intake.Load(batch.drafts);
  for (const LeadDraft& draft : batch.drafts) {
    const bool created = intake.Take(item, draft).fate == LeadIntake::Fate::kCreated;
    ++(created ? import.rows_imported : import.rows_duplicate);
  }
  import.rows_rejected += static_cast<std::int64_t>(batch.rejects.size());
  import.rows_read = import.rows_imported + import.rows_duplicate + import.rows_rejected;
  import.mapping = columns_->mapping();
  import.attribute_columns = columns_->attribute_columns();
  LeadImportStore(tx).AppendRejects(import.id, batch.rejects);
  return intake.Save();
}

}  // namespace crm::customer
