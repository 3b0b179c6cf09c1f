#include "services/opportunity/app/history_intake.h"

#include <variant>

#include "common/base/text.h"
#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/opportunity/domain/names.h"
#include "services/opportunity/storage/process_store.h"

namespace crm::opportunity {
namespace {

using Kind = Finding::Kind;

std::vector<std::string> ExternalIds(const std::vector<ImportRow>& rows) {
  std::vector<std::string> ids;
  for (const ImportRow& row : rows) ids.push_back(text::Tidy(row.external_id));
  return work::Distinct(std::move(ids));
}

}  // namespace

HistoryIntake::HistoryIntake(imports::Item& item, OpportunityImport& import,
                             const std::vector<ImportRow>& rows, ImportReferences references,
                             db::Transaction& tx)
    : item_(item),
      import_(import),
      references_(std::move(references)),
      store_(tx),
      now_(tx.now()),
      opportunities_(store_.LoadByExternalId(ExternalIds(rows))) {
  std::vector<Uuid> process_ids;
  for (const Opportunity* o : opportunities_.All()) {
    by_external_id_.emplace(o->external_id, o->id);
    if (o->process_id != references_.process->id) process_ids.push_back(o->process_id);
  }
  processes_ = ProcessStore(tx).Load(work::Distinct(std::move(process_ids)));
}

void HistoryIntake::Take(const ImportRow& row, const ImportFormat& format) {
  Interpretation read = Interpret(row, format, references_, now_);
  ++import_.rows_read;
  if (!read.opportunity) {
    ++import_.rows_rejected;
  } else if (const auto known = by_external_id_.find(read.opportunity->external_id);
             known != by_external_id_.end()) {
    BringUpToDate(*opportunities_.Find(known->second), row, read);
  } else {
    ++import_.rows_imported;
    Opportunity& told = *read.opportunity;
    told.id = Uuid::New();
    told.import_id = import_.id;
    by_external_id_.emplace(told.external_id, told.id);
    Tell(opportunities_.AddNew(told), Begin(told, *references_.process));
  }
  findings_.insert(findings_.end(), read.findings.begin(), read.findings.end());
}

absl::StatusOr<std::vector<Happening>> HistoryIntake::Happened(const Opportunity& known,
                                                               const Interpretation& read) {
  if (known.import_id == import_.id) return std::vector<Happening>();
  if (work::Sees(item_.caller(), "opportunity:import", {known.owner_id, known.org_unit_id}))
    return GoOn(known, read, ProcessOf(known), import_.id, now_);
  errors::Violations violations;
  violations.Add("external_id", "ALREADY_EXISTS", "an opportunity that you may not see has this external_id");
  return violations.ToStatus();
}

void HistoryIntake::BringUpToDate(Opportunity& known, const ImportRow& row, Interpretation& read) {
  const auto happened = Happened(known, read);
  const auto note = [&](Kind kind, const std::vector<errors::Violation>& notes) {
    for (const errors::Violation& n : notes) {
      const int ordinal = read.findings.empty() ? 0 : read.findings.back().ordinal + 1;
      read.findings.push_back({row.line, ordinal, kind, n.field, n.reason, n.description,
                               text::Cut(ValueOf(row, n.field), kMaxFindingValue)});
    }
  };
  if (!happened.ok()) {
    ++import_.rows_rejected;
    read.findings.clear();
    return note(Kind::kRejected, errors::ViolationsOf(happened.status()));
  }
  if (happened->empty()) {
    ++import_.rows_duplicate;
    read.findings.clear();
  } else {
    ++import_.rows_imported;
    // What the row leaves empty stays as it was: nothing is missing.
    std::erase_if(read.findings, [](const Finding& f) { return f.kind == Kind::kReported; });
  }
  if (known.import_id != import_.id) note(Kind::kReported, WhatStays(known, read));
  Tell(known, *happened);
}

void HistoryIntake::Tell(Opportunity& o, const std::vector<Happening>& happened) {
  const auto tell = [&](const auto& event, absl::Time time) {
    const std::string from = o.version == 0 ? "" : o.stage;
    const Status status = o.status;
    const std::int64_t version = o.version;
    o = event.opportunity;
    o.version = version;
    item_.Emit(o, event, time);
    if (o.stage == from && o.status == status) return;
    const std::string to = o.status == Status::kOpen ? o.stage : std::string(Name(o.status));
    moves_.push_back({o.id, o.version, from, to, time, /*gates_skipped=*/true, item_.caller().principal->id});
  };
  for (const Happening& one : happened)
    std::visit([&](const auto& event) { tell(event, one.time); }, one.event);
}

const SalesProcess& HistoryIntake::ProcessOf(const Opportunity& o) {
  return o.process_id == references_.process->id ? *references_.process : *processes_.Find(o.process_id);
}

bool HistoryIntake::Save(ImportStore imports) {
  for (const Finding& f : findings_) {
    import_.values_repaired += f.kind == Kind::kRepaired;
    import_.values_reported += f.kind == Kind::kReported;
  }
  imports.AppendFindings(import_.id, findings_);
  return store_.Save(opportunities_, moves_);
}

}  // namespace crm::opportunity
