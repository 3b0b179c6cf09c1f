#include "tools/people/csv_table.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/base/csv.h"

namespace crm::tools {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": ", std::strerror(errno)));
  return text.str();
}

absl::StatusOr<CsvTable> CsvTable::Read(const std::string& path) {
  const auto text = ReadFile(path);
  if (!text.ok()) return text.status();
  CsvParser parser;
  if (!parser.Feed(*text) || !parser.Finish())
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", parser.error()->message));
  CsvTable table;
  CsvRecord record;
  std::vector<std::string> columns;
  while (parser.Next(record)) {
    if (record.problem)
      return absl::InvalidArgumentError(absl::StrCat(path, ":", record.line, ": ", record.problem->message));
    if (columns.empty()) {
      columns = record.fields;
      continue;
    }
    if (record.fields.size() != columns.size())
      return absl::InvalidArgumentError(absl::StrCat(path, ":", record.line, ": ", record.fields.size(),
                                                     " fields, ", columns.size(), " columns"));
    Row row;
    for (std::size_t i = 0; i < columns.size(); ++i) row[columns[i]] = record.fields[i];
    table.rows_.push_back(std::move(row));
  }
  return table;
}

std::vector<std::string> SplitWords(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace crm::tools
