#include "services/opportunity/app/name_book.h"

#include "common/base/text.h"
#include "common/work/gather.h"

namespace crm::opportunity {
namespace {

constexpr std::size_t kMostKnown = 100'000;  // so that no file fills the memory

}  // namespace

absl::StatusOr<std::map<std::string, Peers::Found>> NameBook::Find(const work::Caller& caller,
                                                                   const std::vector<std::string>& cells) {
  if (known_.size() > kMostKnown) known_.clear();
  std::vector<std::string> names, unknown;
  for (const std::string& cell : cells)
    if (std::string name = text::Tidy(cell); !name.empty()) names.push_back(std::move(name));
  names = work::Distinct(std::move(names));
  for (const std::string& name : names)
    if (!known_.contains(name)) unknown.push_back(name);
  if (!unknown.empty()) {
    const auto answer = ask_(caller, unknown);
    if (!answer.ok()) return answer.status();
    for (const std::string& name : unknown) {
      const auto found = answer->find(name);
      known_[name] = found == answer->end() ? std::nullopt : std::optional(found->second);
    }
  }
  std::map<std::string, Peers::Found> found;
  for (const std::string& name : names)
    if (const auto& one = known_[name]) found.emplace(name, *one);
  return found;
}

}  // namespace crm::opportunity
