#pragma once
#include <map>
#include <string>
#include <vector>

#include "common/imports/record.h"
#include "services/opportunity/domain/history.h"
#include "services/opportunity/storage/import_store.h"
#include "services/opportunity/storage/opportunity_store.h"

namespace crm::opportunity {

// One batch of rows on its way into the database: history with its real times, past all gates, which its
// moves record. A row of a known external id brings the opportunity up to date; one that this import has told
// of before is a duplicate.
class HistoryIntake {
 public:
  HistoryIntake(imports::Item& item, OpportunityImport& import, const std::vector<ImportRow>& rows,
                ImportReferences references, db::Transaction& tx);

  void Note(Finding finding) { findings_.push_back(std::move(finding)); }

  // Counts the row, and keeps what is to be said about it.
  void Take(const ImportRow& row, const ImportFormat& format);

  // False when somebody else was faster on a row.
  bool Save(ImportStore imports);

 private:
  void BringUpToDate(Opportunity& known, const ImportRow& row, Interpretation& read);
  absl::StatusOr<std::vector<Happening>> Happened(const Opportunity& known, const Interpretation& read);
  void Tell(Opportunity& o, const std::vector<Happening>& happened);
  const SalesProcess& ProcessOf(const Opportunity& o);

  imports::Item& item_;
  OpportunityImport& import_;
  const ImportReferences references_;
  OpportunityStore store_;
  const absl::Time now_;
  work::Tracked<Opportunity> opportunities_;
  std::map<std::string, Uuid> by_external_id_;
  work::Tracked<SalesProcess> processes_;  // that known ones follow
  std::vector<StageMove> moves_;
  std::vector<Finding> findings_;
};

}  // namespace crm::opportunity
