#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/customer/domain/lead.h"
#include "services/customer/domain/match_keys.h"

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

// The leads of one transaction, or of single reads. Not thread safe.
class LeadStore {
 public:
  explicit LeadStore(db::Transaction& tx) : tx_(tx) {}

  // One statement. Ids that do not exist are left out.
  work::Tracked<Lead> Load(const std::vector<Uuid>& ids);

  // What is already there for drafts: holders of these external ids, and leads that share one of these
  // match keys, by id. One statement.
  struct Known {
    Lead lead;
    MatchKeys keys;
  };
  std::vector<Known> FindKnown(const std::vector<std::string>& external_ids, const MatchKeySet& keys);

  // Inserts the new (as they were captured: state NEW, no owner) and updates the changed, one statement each,
  // one more for those whose details were corrected. False when a row was lost to somebody faster, or a new
  // lead's external id or fingerprint is taken.
  bool Save(const work::Tracked<Lead>& leads);

  std::vector<Lead> Get(const std::vector<Uuid>& ids);

  // A page in the order of capture, newest first: leads before `before` (nil: from the newest).
  std::vector<Lead> List(const auth::Scope& scope, const LeadFilter& filter, const Uuid& before, int limit);

  // Those that have waited longest come first; behind a position.
  struct WaitingPosition {
    absl::Time since = absl::UnixEpoch();
    Uuid id;
  };
  std::vector<WaitingPosition> LongestWaiting(const WaitingPosition& after, int limit);

 private:
  bool Insert(const std::vector<const Lead*>& rows);
  bool UpdateDetails(const work::Tracked<Lead>& leads);
  bool Update(const work::Tracked<Lead>& leads);

  db::Transaction& tx_;
};

}  // namespace crm::customer
