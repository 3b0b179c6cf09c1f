#include "services/opportunity/app/import_file.h"

#include "absl/strings/str_cat.h"
#include "services/opportunity/app/read.h"
#include "services/opportunity/storage/import_store.h"
#include "services/opportunity/storage/process_store.h"

namespace crm::opportunity {
namespace {

using State = OpportunityImport::State;

constexpr std::size_t kRowsPerCommit = 500;
constexpr absl::Duration kPatience = absl::Seconds(30);

absl::Status Unreadable(const std::string& reason, const std::string& message) {
  errors::Violations violations;
  violations.Add("chunk", reason, message);
  return violations.ToStatus();
}

}  // namespace

ImportFile::ImportFile(db::Pool& pool, work::UnitOfWork& work, const Peers& peers, work::Caller caller,
                       ImportFileOptions options)
    : pool_(pool),
      work_(work),
      peers_(peers),
      caller_(std::move(caller)),
      options_(std::move(options)),
      parser_(options_.csv) {
  waiting_.import_id = options_.id;
  waiting_.process_key = options_.process_key;
  waiting_.format = options_.format;
}

work::Caller ImportFile::CallerNow() const {
  work::Caller caller = caller_;
  caller.deadline = absl::Now() + kPatience;
  return caller;
}

absl::Status ImportFile::Begin() {
  if (absl::Status loaded = Reload(); !loaded.ok()) return loaded;
  const std::string key = options_.process_key.empty() ? std::string(kStandardProcess) : options_.process_key;
  const auto process =
      ReadAlone(pool_, CallerNow(), [&](db::Transaction& tx) { return ProcessStore(tx).LoadNewest({key}); });
  if (!process.ok()) return process.status();
  if (process->empty()) return errors::NotFound("sales_process", key);
  return absl::OkStatus();
}

absl::Status ImportFile::Feed(std::string_view bytes) {
  const bool readable = parser_.Feed(bytes);
  if (absl::Status taken = TakeRecords(); !taken.ok()) return taken;
  return readable ? absl::OkStatus() : CannotRead();
}

absl::StatusOr<OpportunityImport> ImportFile::End(bool whole, const std::function<bool()>& still_whole) {
  if (done()) return import_;
  if (!whole) {
    EndAs(State::kInterrupted, "");
    return errors::Unavailable("UPLOAD_INTERRUPTED", "the upload broke off; send the file again");
  }
  const bool readable = parser_.Finish();
  if (absl::Status taken = TakeRecords(); !taken.ok()) return taken;
  if (!readable) return CannotRead();
  if (!columns_) return Unreadable("EMPTY_FILE", "the file has no header line");
  if (absl::Status committed = Commit(); !committed.ok()) return committed;
  EndAs(still_whole() ? State::kSucceeded : State::kInterrupted, "");
  if (absl::Status loaded = Reload(); !loaded.ok()) return loaded;
  return import_;
}

absl::Status ImportFile::TakeRecords() {
  CsvRecord record;
  while (parser_.Next(record)) {
    if (absl::Status taken = columns_ ? TakeRow(record) : TakeHeader(record); !taken.ok()) return taken;
    if (waiting_.rows.size() < kRowsPerCommit) continue;
    if (absl::Status committed = Commit(); !committed.ok()) return committed;
  }
  return absl::OkStatus();
}

absl::Status ImportFile::TakeHeader(const CsvRecord& record) {
  if (record.problem) return Unreadable(record.problem->reason, record.problem->message);
  auto columns = ImportColumns::Recognise(record.fields, options_.mapping);
  if (!columns.ok()) return columns.status();
  columns_ = *std::move(columns);
  column_count_ = record.fields.size();
  hash_ = Chain("", record.fields);
  for (const std::string& name : columns_->ignored())
    waiting_.findings.push_back({record.line, static_cast<int>(waiting_.findings.size()),
                                 Finding::Kind::kReported, "column", "COLUMN_IGNORED",
                                 "means nothing to an opportunity", name});
  const work::Request<StartImport> start{CallerNow(), {options_.id, options_.name}, {}};
  if (const auto started = StartImports(work_, absl::MakeConstSpan(&start, 1)).front(); !started.ok())
    return started.status();
  begun_ = true;
  return Reload();
}

absl::Status ImportFile::TakeRow(const CsvRecord& record) {
  hash_ = Chain(hash_, record.fields);
  if (record.line < import_.committed_line) return absl::OkStatus();
  if (record.line == import_.committed_line) {
    if (hash_ == import_.content_hash) return absl::OkStatus();
    EndAs(State::kInterrupted, "");
    return errors::Make(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED",
                        "this request_id has begun the import of another file");
  }
  ImportRow row = columns_->Read(record.line, record.fields);
  if (record.problem)
    row.problem = record.problem->reason;
  else if (record.fields.size() != column_count_)
    row.problem = record.fields.size() < column_count_ ? "TOO_FEW_COLUMNS" : "TOO_MANY_COLUMNS";
  waiting_.rows.push_back(std::move(row));
  waiting_.content_hash = hash_;
  return absl::OkStatus();
}

absl::Status ImportFile::Commit() {
  if (waiting_.rows.empty() && waiting_.findings.empty()) return absl::OkStatus();
  const auto outcome = ImportOpportunityRows(work_, peers_, {CallerNow(), waiting_, {}});
  if (!outcome.ok()) {
    EndAs(State::kInterrupted, "");
    return outcome.status();
  }
  waiting_.rows.clear();
  waiting_.findings.clear();
  return absl::OkStatus();
}

absl::Status ImportFile::CannotRead() {
  const CsvProblem problem = parser_.error().value_or(CsvProblem{"MALFORMED", "the file cannot be read"});
  const std::string message = absl::StrCat("line ", parser_.error_line(), ": ", problem.message);
  if (columns_) (void)Commit();
  EndAs(State::kFailed, message);
  return Unreadable(problem.reason, message);
}

void ImportFile::EndAs(State state, const std::string& failure) {
  if (!begun_) return;
  const work::Request<EndImport> end{CallerNow(), {options_.id, state, failure}, {}};
  (void)EndImports(work_, absl::MakeConstSpan(&end, 1));
}

absl::Status ImportFile::Reload() {
  auto imports =
      ReadAlone(pool_, CallerNow(), [&](db::Transaction& tx) { return ImportStore(tx).Load({options_.id}); });
  if (!imports.ok()) return imports.status();
  if (const OpportunityImport* found = imports->Find(options_.id)) import_ = *found;
  return absl::OkStatus();
}

}  // namespace crm::opportunity
