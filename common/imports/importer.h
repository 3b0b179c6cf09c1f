#pragma once
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "common/imports/file.h"
#include "common/imports/options.h"
#include "common/imports/record.h"
#include "common/status/errors.h"

namespace crm::imports {

namespace internal {
// Why a file cannot be read, for people.
std::string Text(const absl::Status& status);
// Waits for its turn among all uploads, and tries again what may pass: an absent database or peer,
// contention.
absl::Status Persistently(const std::function<absl::Status()>& attempt);
}  // namespace internal

// Carries one file into the database while its bytes come: a batch of rows and the progress it means are one
// transaction, so that each row is taken once. One batch is committed while the next is read; at two, whoever
// brings the bytes is held back. Not thread safe; calls block.
//
//   importer.Begin(); while (bytes && !importer.over()) importer.Feed(bytes); importer.Finish(whole);
//
// Rows says what is a service's own:
//   using Store = …;                                imports::Store of a Kind
//   static constexpr std::string_view kIds;         distinguishes ids made of request_ids
//   struct Batch;                                   rows that are committed together
//   absl::Status Open(Import&, db::Transaction&)    completes a new import (version 0); may refuse any
//   absl::Status ReadHeader(const std::vector<std::string>& header)
//   void Read(const CsvRecord&, absl::Time now, Batch&) const    understands one row; it may have a problem
//   absl::Status Prepare(const work::Caller&, const Import&, Batch&) const    before the transaction
//   bool Take(Item&, const Batch&, Import&, db::Transaction&) const    takes the rows in and counts them; may
//       run several times. False: somebody else was faster on a row.
// Read goes on in one thread while another commits what was read before.
template <class Rows>
class Importer {
 public:
  using Import = typename Rows::Store::Import;

  Importer(work::UnitOfWork& work, const work::Caller& caller, Options options, Rows rows)
      : options_(std::move(options)),
        rows_(std::move(rows)),
        import_(Fresh(*caller.principal, options_)),
        record_(work, caller, import_.id) {}
  // Bytes that will not go on leave the import INTERRUPTED.
  ~Importer() {
    (void)Settled();
    if (!over()) (void)End(State::kInterrupted, "");
  }
  Importer(const Importer&) = delete;
  Importer& operator=(const Importer&) = delete;

  // Opens an import, or finds the one that was begun before: it goes on unless it has SUCCEEDED.
  absl::Status Begin() {
    auto begun = record_.Begin(
        import_, [this](Import& import, db::Transaction& tx) { return rows_.Open(import, tx); });
    if (!begun.ok()) return begun.status();
    import_ = *std::move(begun);
    filling_.span.after_line = filling_.span.last_line = import_.committed_line;
    if (import_.state == State::kRunning)
      file_.emplace(options_.csv, import_.committed_line, import_.content_hash);
    return absl::OkStatus();
  }

  // There is nothing more to read.
  bool over() const { return !file_; }

  // A file that cannot be read as a whole is INVALID_ARGUMENT and its import FAILED; what stood before the
  // fault is kept. Any other error leaves it INTERRUPTED: IMPORT_CONTENT_DIFFERS (another file than was
  // begun), IMPORT_OVERTAKEN (another upload of it is further), and what the database or a peer refused.
  absl::Status Feed(std::string_view bytes) {
    file_->Feed(bytes);
    return Checked(Read());
  }

  // The bytes have ended. `whole` is asked last of all: a caller who has left may look like one who is done.
  absl::Status Finish(const std::function<bool()>& whole) {
    file_->Finish();
    absl::Status status = Read();
    if (status.ok()) status = Send();
    if (status.ok()) status = Settled();
    if (!status.ok()) return Checked(std::move(status));
    if (!whole()) return errors::Cancelled();
    status = End(State::kSucceeded, "");
    if (status.ok()) file_.reset();
    return status;
  }

  // As it stood when it was begun, or when it was over.
  const Import& import() const { return import_; }

 private:
  struct Slice {
    Span span;
    typename Rows::Batch rows;
    std::size_t count = 0;
  };

  absl::Status Read() {
    const absl::Time now = absl::Now();
    CsvRecord record;
    while (file_->Next(record)) {
      if (header_read_) {
        rows_.Read(record, now, filling_.rows);
        ++filling_.count;
      } else if (absl::Status read = ReadHeader(record); !read.ok()) {
        return read;
      }
      Span& span = filling_.span;
      if (record.line <= span.after_line) continue;  // the header, when the file goes on
      span.last_line = record.line;
      span.hash = file_->hash();
      if (filling_.count < options_.batch_rows) continue;
      if (absl::Status sent = Send(); !sent.ok()) return sent;
    }
    return file_->status();
  }

  absl::Status ReadHeader(const CsvRecord& record) {
    errors::Violations violations;
    if (record.problem) violations.Add("header", record.problem->reason, record.problem->message);
    absl::Status read = violations.empty() ? rows_.ReadHeader(record.fields) : violations.ToStatus();
    header_read_ = read.ok();
    return read;
  }

  // Commits what has been read, behind what is under way.
  absl::Status Send() {
    if (filling_.span.last_line == filling_.span.after_line) return absl::OkStatus();
    if (absl::Status before = Settled(); !before.ok()) return before;
    auto slice = std::make_unique<Slice>(std::exchange(filling_, Slice()));
    filling_.span.after_line = filling_.span.last_line = slice->span.last_line;
    committing_ = std::async(std::launch::async, [this, slice = std::move(slice)] {
      return internal::Persistently([&] { return Commit(*slice); });
    });
    return absl::OkStatus();
  }

  absl::Status Commit(Slice& slice) {
    if (absl::Status ready = rows_.Prepare(record_.caller(), import_, slice.rows); !ready.ok()) return ready;
    return Kept(record_.GoOn(slice.span, [&](Item& item, Import& import, db::Transaction& tx) {
      return rows_.Take(item, slice.rows, import, tx);
    }));
  }

  // Waits for the batch under way. Behind one that failed there is none.
  absl::Status Settled() {
    if (committing_.valid()) committed_ = committing_.get();
    return committed_;
  }

  // Whatever ends the upload before its end: keeps what stood before, and says how the import stands.
  absl::Status Checked(absl::Status status) {
    if (status.ok()) return status;
    if (Settled().ok()) (void)Send();
    if (absl::Status kept = Settled(); !kept.ok()) status = std::move(kept);
    const bool unreadable = absl::IsInvalidArgument(status);
    (void)End(unreadable ? State::kFailed : State::kInterrupted, unreadable ? internal::Text(status) : "");
    file_.reset();
    return status;
  }

  absl::Status End(State state, const std::string& failure) {
    return internal::Persistently([&] { return Kept(record_.End(import_, state, failure)); });
  }

  absl::Status Kept(absl::StatusOr<Import> import) {
    if (!import.ok()) return import.status();
    import_ = *std::move(import);
    return absl::OkStatus();
  }

  static Import Fresh(const auth::Principal& caller, const Options& options) {
    Import import;
    import.id = Uuid::FromName(caller.id, std::string(Rows::kIds) + options.request_id);
    import.owner_id = caller.id;
    import.org_unit_id = caller.org_unit_id;
    import.name = options.name;
    return import;
  }

  const Options options_;
  Rows rows_;
  Import import_;  // of the committing thread while there is one
  const Record<typename Rows::Store> record_;
  std::optional<File> file_;
  bool header_read_ = false;
  Slice filling_;
  absl::Status committed_;
  std::future<absl::Status> committing_;
};

}  // namespace crm::imports
