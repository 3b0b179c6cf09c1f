#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace crm::opportunity {

// A row of a file as it was read: text, not yet understood.
struct ImportRow {
  std::int64_t line = 0;
  std::string external_id, name, customer, owner, product, stage, amount, open_date, close_date, reason,
      source, campaign, lead;
  std::string problem;  // why the row could not be read at all: "STRAY_QUOTE"
};

// The cell that fills a field; empty for what is none.
std::string_view ValueOf(const ImportRow& row, std::string_view field);

// What the columns of a file mean.
class ImportColumns {
 public:
  // Recognises fields by header, English or Chinese, without regard to case, spaces and underscores;
  // `mapping` (field → column) goes before, and may fill several fields from one column. INVALID_ARGUMENT
  // lists every fault: a mapping of an unknown field or to a column that is not there, two columns for one
  // field, no column for external_id or stage.
  static absl::StatusOr<ImportColumns> Recognise(const std::vector<std::string>& header,
                                                 const std::map<std::string, std::string>& mapping);

  ImportRow Read(std::int64_t line, const std::vector<std::string>& fields) const;

  // Columns that mean nothing here.
  const std::vector<std::string>& ignored() const { return ignored_; }

 private:
  std::vector<int> column_of_field_;  // -1 = none
  std::vector<std::string> ignored_;
};

}  // namespace crm::opportunity
