#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/opportunity/clients/peers.h"

namespace crm::opportunity {

// Who the names in one file stand for. Each is asked for once, however many rows have it. Not thread safe.
class NameBook {
 public:
  explicit NameBook(Peers::Lookup ask) : ask_(std::move(ask)) {}

  // By tidy name, those of the `cells` that stand for somebody; or why nobody could be asked.
  absl::StatusOr<std::map<std::string, Peers::Found>> Find(const work::Caller& caller,
                                                           const std::vector<std::string>& cells);

 private:
  Peers::Lookup ask_;
  std::map<std::string, std::optional<Peers::Found>> known_;  // none: nobody is called so
};

}  // namespace crm::opportunity
