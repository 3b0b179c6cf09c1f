#pragma once
#include <map>
#include <vector>

#include "common/work/find.h"
#include "common/work/gather.h"
#include "services/opportunity/storage/opportunity_store.h"
#include "services/opportunity/storage/process_store.h"

namespace crm::opportunity {

// The opportunities of one batch with all that their rules ask for: what every use case on them loads, and
// saves.
class Deals {
 public:
  Deals(db::Transaction& tx, const std::vector<Uuid>& opportunity_ids);

  work::Tracked<Opportunity>& opportunities() { return opportunities_; }
  const SalesProcess& ProcessOf(const Opportunity& o) { return *processes_.Find(o.process_id); }
  const Evidence& EvidenceOf(const Opportunity& o) { return evidence_[o.id]; }

  // `happened` to `o`: makes it true, tells it, and keeps the move for ever.
  template <class Item, class Happened>
  void Record(Item& item, Opportunity& o, const Happened& happened) {
    const std::string from = o.stage;
    const Status status = o.status;
    const std::int64_t version = o.version;
    o = happened.opportunity;
    o.version = version;
    item.Emit(o, happened);
    if (o.stage != from || o.status != status) Keep(o, from, item.caller().principal->id);
  }

  // False when somebody else was faster.
  bool Save() { return store_.Save(opportunities_, moves_); }

 private:
  void Keep(const Opportunity& o, const std::string& from, const Uuid& actor_id);

  OpportunityStore store_;
  work::Tracked<Opportunity> opportunities_;
  work::Tracked<SalesProcess> processes_;
  std::map<Uuid, Evidence> evidence_;
  std::vector<StageMove> moves_;
};

}  // namespace crm::opportunity
