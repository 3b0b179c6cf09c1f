#pragma once
#include <optional>
#include <string>
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "services/customer/domain/lead.h"

namespace crm::customer {

// What a list of leads is narrowed to; an empty field narrows nothing.
struct LeadFilter {
  std::optional<LeadState> state;
  std::optional<Uuid> owner_id;
  std::optional<Uuid> import_id;
  std::optional<std::string> source;
  std::optional<bool> waiting;
  std::optional<Uuid> org_unit_id;
  std::optional<std::string> external_id;
};

// Lists of leads. Not thread safe.
class LeadFinder {
 public:
  explicit LeadFinder(db::Transaction& tx) : tx_(tx) {}

  // A page in the order of capture, newest first: leads before `before` (nil: from the newest).
  std::vector<Lead> List(const auth::Scope& scope, const LeadFilter& filter, const Uuid& before, int limit);

  // Those that have one of these ids or external ids.
  std::vector<Lead> Named(const auth::Scope& scope, const std::vector<Uuid>& ids,
                          const std::vector<std::string>& external_ids);

  // Those that have waited longest come first; behind a position.
  struct WaitingPosition {
    absl::Time since = absl::UnixEpoch();
    Uuid id;
  };
  std::vector<WaitingPosition> LongestWaiting(const WaitingPosition& after, int limit);

  // Whether a job of this dedupe key waits or runs.
  bool IsUnderWay(const std::string& job_key);

 private:
  db::Transaction& tx_;
};

}  // namespace crm::customer
