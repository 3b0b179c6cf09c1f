#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace crm::testing {

// The folder of the public data sets, or nothing where they are not at hand: GUANXI_DATA_DIR, else
// shared/data beside the project.
std::optional<std::filesystem::path> DataSets();

std::string Contents(const std::filesystem::path& path);

// The rows of a CSV, each with its cells by column.
using Record = std::map<std::string, std::string>;
std::vector<Record> Records(const std::filesystem::path& path);

// The lines that only one of the two has, at most ten of each; none when they are equal.
std::vector<std::string> Differences(std::vector<std::string> expected, std::vector<std::string> actual);

}  // namespace crm::testing
