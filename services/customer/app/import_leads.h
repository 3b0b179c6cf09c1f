#pragma once
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/work/unit_of_work.h"
#include "services/customer/app/lead_intake.h"
#include "services/customer/domain/lead_import.h"

namespace crm::customer {

struct BeginLeadImport {
  Uuid id;  // fixed by the caller and its request_id, so that the same upload finds itself again
  Uuid org_unit_id;
  std::string name;
};

// Opens an import, or finds the one that was begun before: an interrupted one runs again, a finished one is
// answered as it is. Replies with the LeadImport. Items fail with ORG_UNIT_NOT_FOUND.
std::vector<work::Outcome> BeginLeadImports(work::UnitOfWork& work,
                                            absl::Span<const work::Request<BeginLeadImport>> requests);

// Rows that belong together: read in one go, kept in one transaction with the progress they mean.
struct ImportLeadBatch {
  Uuid import_id;
  std::int64_t after_line = 0;  // what must be committed already: otherwise IMPORT_OVERTAKEN
  struct Row {
    std::int64_t line = 0;
    LeadDraft draft;
    std::string content;
  };
  std::vector<Row> rows;
  std::vector<RejectedRow> rejects;
  std::int64_t last_line = 0;  // of the last row here, read or rejected
  std::string content_hash;    // of everything up to there
  std::map<std::string, std::string> mapping;
  std::vector<std::string> attribute_columns;
};

// One batch is one item: rows fail one by one into the rejects, their neighbours are kept. Items fail with
// IMPORT_NOT_FOUND, IMPORT_OVERTAKEN (another upload of the same file is further).
std::vector<work::Outcome> ImportLeadBatches(work::UnitOfWork& work,
                                             absl::Span<const work::Request<ImportLeadBatch>> requests);

struct EndLeadImport {
  Uuid id;
  ImportState state = ImportState::kSucceeded;  // or kInterrupted, kFailed
  std::string failure;
};

// Replies with the LeadImport. Items fail with IMPORT_NOT_FOUND.
std::vector<work::Outcome> EndLeadImports(work::UnitOfWork& work,
                                          absl::Span<const work::Request<EndLeadImport>> requests);

struct GetLeadImport {
  Uuid id;
};
std::vector<absl::StatusOr<LeadImport>> GetLeadImports(
    db::Pool& pool, absl::Span<const work::Request<GetLeadImport>> requests);

struct ListLeadImports {
  absl::Time before_time =
      absl::FromUnixSeconds(253402300799);  // the last of the page before; else the year 9999
  Uuid before_id;
  int limit = 0;
};
absl::StatusOr<std::vector<LeadImport>> ListImports(db::Pool& pool,
                                                    const work::Request<ListLeadImports>& request);

struct ListRejectedRows {
  Uuid import_id;
  std::int64_t after_line = 0;
  int limit = 0;
};
// IMPORT_NOT_FOUND.
absl::StatusOr<std::vector<RejectedRow>> RejectedRows(db::Pool& pool,
                                                      const work::Request<ListRejectedRows>& request);

}  // namespace crm::customer
