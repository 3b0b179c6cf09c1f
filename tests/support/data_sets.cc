#include "tests/support/data_sets.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "common/base/csv.h"

namespace crm::testing {

std::optional<std::filesystem::path> DataSets() {
  if (const char* folder = std::getenv("GUANXI_DATA_DIR"))
    return std::filesystem::exists(folder) ? std::optional(folder) : std::nullopt;
  for (auto at = std::filesystem::path(__FILE__).parent_path(); at != at.parent_path(); at = at.parent_path())
    if (std::filesystem::exists(at / "shared" / "data")) return at / "shared" / "data";
  return std::nullopt;
}

std::string Contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream contents;
  contents << file.rdbuf();
  return contents.str();
}

std::vector<Record> Records(const std::filesystem::path& path) {
  CsvParser parser;
  parser.Feed(Contents(path));
  parser.Finish();
  std::vector<std::string> header;
  std::vector<Record> records;
  for (CsvRecord row; parser.Next(row);) {
    if (header.empty()) {
      header = row.fields;
      continue;
    }
    Record& record = records.emplace_back();
    for (std::size_t i = 0; i < header.size(); ++i) record[header[i]] = row.fields.at(i);
  }
  return records;
}

std::vector<std::string> Differences(std::vector<std::string> expected, std::vector<std::string> actual) {
  std::sort(expected.begin(), expected.end());
  std::sort(actual.begin(), actual.end());
  std::vector<std::string> differences;
  const auto only = [&](const char* whose, const auto& mine, const auto& theirs) {
    std::vector<std::string> lines;
    std::set_difference(mine.begin(), mine.end(), theirs.begin(), theirs.end(), std::back_inserter(lines));
    lines.resize(std::min<std::size_t>(lines.size(), 10));
    for (const std::string& line : lines) differences.push_back(whose + line);
  };
  only("expected: ", expected, actual);
  only("there is: ", actual, expected);
  return differences;
}

}  // namespace crm::testing
