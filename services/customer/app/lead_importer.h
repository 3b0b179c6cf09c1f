#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/db/pool.h"
#include "services/customer/app/import_leads.h"
#include "services/customer/app/lead_upload.h"

namespace crm::customer {

// Carries one file of leads into the database while its bytes come. Every call blocks until what is full is
// committed, so whoever reads the bytes is held back by the database. Not thread safe.
class LeadImporter {
 public:
  LeadImporter(db::Pool& pool, work::UnitOfWork& work, work::Caller caller);

  // The same caller and request_id find the same import again. Errors as BeginLeadImports.
  absl::Status Begin(std::string_view request_id, std::string name, const Uuid& org_unit_id,
                     LeadUploadOptions options);

  // It was finished before: nothing more is read.
  bool over() const { return upload_ == nullptr; }

  // A file that cannot be read as a whole is INVALID_ARGUMENT and its import FAILED; what stood before the
  // fault is kept. Any other error leaves it INTERRUPTED: sending the file again goes on.
  absl::Status Feed(std::string_view bytes);
  absl::Status Finish();
  // The bytes will not go on.
  void BreakOff();

  // The import as it stands.
  absl::StatusOr<LeadImport> Current() const;

 private:
  work::Caller CallerNow() const;
  absl::Status CommitFull();
  absl::Status Settle(absl::Status read);
  absl::Status End(ImportState state, std::string failure);

  db::Pool& pool_;
  work::UnitOfWork& work_;
  const work::Caller caller_;
  Uuid id_;
  std::unique_ptr<LeadUpload> upload_;
};

}  // namespace crm::customer
