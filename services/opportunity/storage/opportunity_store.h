#pragma once
#include <map>
#include <string>
#include <vector>

#include "common/auth/scope.h"
#include "common/db/transaction.h"
#include "common/work/tracked.h"
#include "services/opportunity/domain/queries.h"
#include "services/opportunity/storage/page.h"

namespace crm::opportunity {

// Opportunities in the database, as sets: a fixed number of statements per call, none for an empty set.
class OpportunityStore {
 public:
  explicit OpportunityStore(db::Transaction& tx) : tx_(tx) {}

  work::Tracked<Opportunity> Load(const std::vector<Uuid>& ids);
  work::Tracked<Opportunity> LoadByExternalId(const std::vector<std::string>& external_ids);
  // External id → id, of those that exist.
  std::map<std::string, Uuid> FindByExternalId(const std::vector<std::string>& external_ids);
  // What has been completed for each.
  std::map<Uuid, Evidence> LoadEvidence(const std::vector<Uuid>& ids);
  // Newest first.
  std::vector<Opportunity> List(const auth::Scope& scope, const OpportunityFilter& filter, const Page& page);
  // Oldest first.
  std::vector<StageMove> Moves(const Uuid& id);

  // Inserts what is new, updates what has changed and appends how they moved. False when a row has changed
  // since it was loaded, or a new one's external id has been taken meanwhile.
  bool Save(const work::Tracked<Opportunity>& opportunities, const std::vector<StageMove>& moves = {});

 private:
  db::Transaction& tx_;
};

}  // namespace crm::opportunity
