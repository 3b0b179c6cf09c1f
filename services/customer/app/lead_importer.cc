#include "services/customer/app/lead_importer.h"

#include <thread>

#include "absl/time/clock.h"

namespace crm::customer {
namespace {

constexpr int kAttempts = 4;

template <class Command>
using Run = std::vector<work::Outcome> (*)(work::UnitOfWork&, absl::Span<const work::Request<Command>>);

template <class Command>
absl::Status RunOne(Run<Command> run, work::UnitOfWork& work, const work::Caller& caller, Command command) {
  const work::Request<Command> request{caller, std::move(command), {}};
  return run(work, {&request, 1})[0].status();
}

bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         (absl::IsAborted(status) && errors::Reason(status) == "CONTENTION");
}

}  // namespace

LeadImporter::LeadImporter(db::Pool& pool, work::UnitOfWork& work, work::Caller caller)
    : pool_(pool), work_(work), caller_(std::move(caller)) {}

// A file takes longer than any single batch may.
work::Caller LeadImporter::CallerNow() const {
  work::Caller caller = caller_;
  caller.deadline = absl::Now() + absl::Seconds(5);
  return caller;
}

absl::StatusOr<LeadImport> LeadImporter::Current() const {
  const work::Request<GetLeadImport> request{CallerNow(), {id_}, {}};
  return std::move(GetLeadImports(pool_, {&request, 1})[0]);
}

absl::Status LeadImporter::Begin(std::string_view request_id, std::string name, const Uuid& org_unit_id,
                                 LeadUploadOptions options) {
  id_ = Uuid::FromName(caller_.principal->id, "lead-import/" + std::string(request_id));
  const absl::Status begun =
      RunOne<BeginLeadImport>(BeginLeadImports, work_, CallerNow(), {id_, org_unit_id, std::move(name)});
  if (!begun.ok()) return begun;
  const auto import = Current();
  if (!import.ok()) return import.status();
  if (import->state != ImportState::kRunning) return absl::OkStatus();
  options.org_unit_id = import->org_unit_id;
  upload_ = std::make_unique<LeadUpload>(std::move(options), *import);
  return absl::OkStatus();
}

absl::Status LeadImporter::Feed(std::string_view bytes) { return Settle(upload_->Feed(bytes, absl::Now())); }

absl::Status LeadImporter::Finish() {
  if (absl::Status status = Settle(upload_->Finish(absl::Now())); !status.ok()) return status;
  return End(ImportState::kSucceeded, "");
}

void LeadImporter::BreakOff() {
  if (upload_) (void)End(ImportState::kInterrupted, "");
}

absl::Status LeadImporter::CommitFull() {
  while (auto batch = upload_->TakeBatch()) {
    absl::Status status;
    for (int attempt = 1; attempt <= kAttempts; ++attempt) {
      if (attempt > 1) std::this_thread::sleep_for(std::chrono::milliseconds(100 << attempt));
      status = RunOne<ImportLeadBatch>(ImportLeadBatches, work_, CallerNow(), *batch);
      if (!MayPass(status)) break;
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Keeps what was read, then deals with why no more can be.
absl::Status LeadImporter::Settle(absl::Status read) {
  absl::Status kept = CommitFull();
  if (kept.ok() && read.ok()) return read;
  if (!kept.ok()) {
    if (errors::Reason(kept) != "IMPORT_OVERTAKEN") (void)End(ImportState::kInterrupted, "");
    return kept;
  }
  if (!absl::IsInvalidArgument(read)) {
    (void)End(ImportState::kInterrupted, "");
    return read;
  }
  std::string failure;
  for (const errors::Violation& violation : errors::ViolationsOf(read))
    failure += (failure.empty() ? "" : "; ") + violation.field + ": " + violation.description;
  (void)End(ImportState::kFailed, std::move(failure));
  return read;
}

absl::Status LeadImporter::End(ImportState state, std::string failure) {
  return RunOne<EndLeadImport>(EndLeadImports, work_, CallerNow(), {id_, state, std::move(failure)});
}

}  // namespace crm::customer
