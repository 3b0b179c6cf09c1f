#pragma once
#include <vector>

#include "absl/types/span.h"
#include "common/db/pool.h"
#include "common/work/batch.h"
#include "services/customer/domain/lead_import.h"

// What is asked about imports of leads.
namespace crm::customer {

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
