#pragma once
#include <map>
#include <string>
#include <vector>

#include "common/db/columns.h"
#include "common/work/tracked.h"

namespace crm::customer {

using db::Column;
using db::NullIfNil;
using db::Packed;
using work::ChangedRows;

// A map as key, value, key, value; no key is empty.
inline std::string Packed(const std::map<std::string, std::string>& map) {
  std::vector<std::string> list;
  for (const auto& [key, value] : map) list.insert(list.end(), {key, value});
  return Packed(list);
}
inline std::map<std::string, std::string> Unpacked(const std::vector<std::string>& list) {
  std::map<std::string, std::string> map;
  for (std::size_t i = 0; i + 1 < list.size(); i += 2) map.emplace(list[i], list[i + 1]);
  return map;
}

}  // namespace crm::customer
