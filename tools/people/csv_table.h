#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace crm::tools {

// A small CSV file with a header line, whole in memory.
class CsvTable {
 public:
  using Row = std::map<std::string, std::string>;  // by column; every column of the header is there

  // NOT_FOUND, or INVALID_ARGUMENT naming the line.
  static absl::StatusOr<CsvTable> Read(const std::string& path);

  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<Row> rows_;
};

// The words between blanks.
std::vector<std::string> SplitWords(std::string_view text);

absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace crm::tools
