#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/csv.h"
#include "common/db/pool.h"
#include "services/opportunity/app/import_opportunities.h"

namespace crm::opportunity {

struct ImportFileOptions {
  Uuid id;  // of the import, made of caller and request_id: whoever sends the file again goes on with it
  std::string name;
  std::map<std::string, std::string> mapping;  // field → column
  CsvOptions csv;
  ImportFormat format;
  std::string process_key;  // empty = kStandardProcess
};

// One upload of a file, fed with chunks cut anywhere. Rows are committed some hundred at a time, and no more
// than that is in memory. Not thread safe; calls block on the database.
//
//   file.Begin(); while (chunks && !file.done()) file.Feed(chunk); file.End(whole);
class ImportFile {
 public:
  ImportFile(db::Pool& pool, work::UnitOfWork& work, const Peers& peers, work::Caller caller,
             ImportFileOptions options);

  // SALES_PROCESS_NOT_FOUND.
  absl::Status Begin();
  // This file has been imported before: there is nothing more to read.
  bool done() const { return import_.state == OpportunityImport::State::kSucceeded; }

  // INVALID_ARGUMENT when the file as a whole cannot be read, its columns do not fit, or it is another one
  // than was begun; else what the database or a peer refused: the import is then INTERRUPTED.
  absl::Status Feed(std::string_view bytes);

  // The upload has ended: the `whole` file has come, or it broke off. `still_whole` is asked again before the
  // import counts as SUCCEEDED.
  absl::StatusOr<OpportunityImport> End(bool whole, const std::function<bool()>& still_whole);

 private:
  absl::Status TakeRecords();
  absl::Status TakeHeader(const CsvRecord& record);
  absl::Status TakeRow(const CsvRecord& record);
  absl::Status Commit();
  absl::Status CannotRead();
  void EndAs(OpportunityImport::State state, const std::string& failure);
  absl::Status Reload();
  work::Caller CallerNow() const;

  db::Pool& pool_;
  work::UnitOfWork& work_;
  const Peers& peers_;
  const work::Caller caller_;
  const ImportFileOptions options_;
  CsvParser parser_;
  std::optional<ImportColumns> columns_;
  std::size_t column_count_ = 0;
  std::string hash_;  // of what has been read
  ImportRows waiting_;
  OpportunityImport import_;
  bool begun_ = false;  // the import exists
};

}  // namespace crm::opportunity
