#pragma once
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "common/imports/import.h"
#include "common/work/unit_of_work.h"

namespace crm::imports {

// What a use case tells about the rows it takes in.
using Item = work::Batch<Uuid>::Item;

// One import in the database. Each step is a transaction of its own and answers with the import as it is
// then. Store is an imports::Store. Thread safe.
template <class Store>
class Record {
 public:
  using Import = typename Store::Import;
  using Batch = work::Batch<Uuid>;

  Record(work::UnitOfWork& work, work::Caller caller, const Uuid& id)
      : work_(work), caller_(std::move(caller)), id_(id) {}

  // For one step: a file takes longer than any step may.
  work::Caller caller() const {
    work::Caller caller = caller_;
    caller.deadline = absl::Now() + absl::Seconds(5);
    return caller;
  }

  // `step(batch, import, tx)` changes the import, new ones have version 0, and says whether it did; or it
  // refuses with a status. It may run several times.
  template <class Step>
  absl::StatusOr<Import> Do(Step step) const {
    Import import;
    const work::Request<Uuid> request{caller(), id_, {}};
    const auto script = [&](Batch& batch, db::Transaction& tx) {
      Store store(tx);
      auto loaded = store.Load({id_});
      const Import* const known = loaded.Find(id_);
      import = known == nullptr ? Import() : *known;
      const std::int64_t loaded_version = import.version;
      const absl::StatusOr<bool> changed = step(batch, import, tx);
      Item item = batch.items().front();
      if (!changed.ok()) return item.Fail(changed.status());
      if (!*changed || !batch.held()) return;
      import.update_time = batch.now();
      item.Emit(import, Changed<Import>{import});
      batch.Guard(store.Save(import, loaded_version));
    };
    const auto outcome = work_.Run<Uuid>(absl::MakeConstSpan(&request, 1), script).front();
    if (!outcome.ok()) return outcome.status();
    return import;
  }

  // Begins as `fresh`, unless it has begun before: then it goes on if it has not SUCCEEDED. `open(import,
  // tx)` completes a new one, and may refuse.
  template <class Open>
  absl::StatusOr<Import> Begin(const Import& fresh, Open open) const {
    return Do([&](Batch& batch, Import& import, db::Transaction& tx) -> absl::StatusOr<bool> {
      if (import.version == 0) {
        import = fresh;
        import.create_time = batch.now();
      }
      if (import.state == State::kSucceeded) return false;
      if (absl::Status opened = open(import, tx); !opened.ok()) return opened;
      if (import.version > 0 && import.state == State::kRunning) return false;
      Run(import);
      return true;
    });
  }

  // Takes in what stands in a file from behind one line up to another. IMPORT_OVERTAKEN when it does not
  // stand there; what is committed already, by an answer that was lost or by another upload of the file, is
  // left. `take(item, import, tx)` is false when somebody else was faster on a row.
  template <class Take>
  absl::StatusOr<Import> GoOn(const Span& span, Take take) const {
    return Do([&](Batch& batch, Import& import, db::Transaction& tx) -> absl::StatusOr<bool> {
      if (import.committed_line == span.last_line && import.content_hash == span.hash) return false;
      if (import.committed_line != span.after_line || import.state == State::kSucceeded)
        return Overtaken(import);
      Run(import);
      Item item = batch.items().front();
      batch.Guard(take(item, import, tx));
      import.committed_line = span.last_line;
      import.content_hash = span.hash;
      return true;
    });
  }

  // Ends what stands as it is `known`. Another upload may have taken over: it is not interrupted, and what it
  // has not committed yet is not called done.
  absl::StatusOr<Import> End(const Import& known, State state, const std::string& failure) const {
    return Do([&](Batch&, Import& import, db::Transaction&) -> absl::StatusOr<bool> {
      if (import.state == State::kSucceeded) return false;
      if (state == State::kSucceeded && import.committed_line != known.committed_line)
        return Overtaken(import);
      if (state != State::kSucceeded && import.version != known.version) return false;
      import.state = state;
      import.failure = failure;
      return true;
    });
  }

 private:
  static void Run(Import& import) {
    import.state = State::kRunning;
    import.failure.clear();
  }

  work::UnitOfWork& work_;
  const work::Caller caller_;
  const Uuid id_;
};

}  // namespace crm::imports
