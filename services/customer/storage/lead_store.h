#pragma once
#include <string>
#include <vector>

#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/customer/domain/lead.h"
#include "services/customer/domain/match_keys.h"

namespace crm::customer {

// The leads of one transaction. Not thread safe.
class LeadStore {
 public:
  explicit LeadStore(db::Transaction& tx) : tx_(tx) {}

  // One statement. Ids that do not exist are left out.
  work::Tracked<Lead> Load(const std::vector<Uuid>& ids);

  // What is already there for drafts, by id and with their keys: holders of these external ids, and open
  // leads that share a match key, kMostAlike of each key. One statement.
  static constexpr int kMostAlike = 100;
  std::vector<Lead> FindKnown(const std::vector<std::string>& external_ids, const MatchKeySet& keys);

  // The open leads that hold these fingerprints, with their keys.
  std::vector<Lead> FindSame(const std::vector<Uuid>& fingerprints);

  // Inserts the new (as they were captured: state NEW, no owner) and updates the changed, one statement each,
  // one more for those whose details were corrected. False when a row was lost to somebody faster. Throws
  // 23505 when a new lead's external id or fingerprint was taken meanwhile.
  bool Save(const work::Tracked<Lead>& leads);

 private:
  void Insert(const std::vector<const Lead*>& rows);
  bool UpdateDetails(const work::Tracked<Lead>& leads);
  bool Update(const work::Tracked<Lead>& leads);

  db::Transaction& tx_;
};

}  // namespace crm::customer
