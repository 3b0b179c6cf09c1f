#pragma once
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/status/errors.h"
#include "common/work/gather.h"
#include "services/opportunity/clients/peers.h"

namespace crm::opportunity {

// A set of commands before its transaction: what other services know is asked for and filled in, or said to
// be missing.
template <class Command>
class Prepare {
 public:
  explicit Prepare(absl::Span<const work::Request<Command>> requests)
      : requests_(requests.begin(), requests.end()) {}

  // Asks about the ids that `id_of` names (nil: none), once for each caller and for as long as its most
  // patient command waits, and gives each command its `name`. Those that do not exist fail with
  // <resource>_NOT_FOUND of `field`, and are asked about the rest all the same: all faults are told at once.
  template <class IdOf, class Take>
  void Name(const Peers::Ask& ask, const char* resource, const char* field, IdOf id_of, Take take) {
    std::map<std::string, std::vector<std::size_t>> by_caller;
    for (std::size_t i = 0; i < requests_.size(); ++i)
      if (IsSoundSoFar(i) && !id_of(requests_[i].command).nil())
        by_caller[requests_[i].caller.principal->token].push_back(i);
    for (const auto& [token, members] : by_caller) {
      std::vector<Uuid> ids;
      work::Caller caller = requests_[members.front()].caller;
      for (const std::size_t i : members) {
        ids.push_back(id_of(requests_[i].command));
        caller.deadline = std::max(caller.deadline, requests_[i].caller.deadline);
      }
      const auto names = ask(caller, work::Distinct(std::move(ids)));
      for (const std::size_t i : members) {
        const Uuid id = id_of(requests_[i].command);
        if (!names.ok())
          Fail(i, names.status());
        else if (const auto found = names->find(id); found == names->end())
          Fail(i, errors::NotFound(resource, id.ToString(), field));
        else
          take(requests_[i].command, found->second);
      }
    }
  }

  // What to run.
  absl::Span<const work::Request<Command>> requests() const { return requests_; }

 private:
  bool IsSoundSoFar(std::size_t i) const {
    const absl::Status& refused = requests_[i].refused;
    return refused.ok() || refused.code() == absl::StatusCode::kNotFound;
  }
  void Fail(std::size_t i, absl::Status status) {
    absl::Status& refused = requests_[i].refused;
    refused = refused.ok() ? std::move(status) : errors::Both(refused, status);
  }

  std::vector<work::Request<Command>> requests_;
};

}  // namespace crm::opportunity
